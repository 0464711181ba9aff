/* An event goes through the table, and what the table says is done. */
#include "epochd/daemon_internal.h"

#include "common/arena.h"
#include "epochd/log.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

static int64_t now_nsec(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

void daemon_write_status(struct daemon *d)
{
	struct buf text = BUF_INIT;
	struct err e = ERR_INIT;

	d->status.state = machine_public_name(d->state);
	d->status.why = machine_why(d->state);
	d->status.epoch = d->epoch;
	tree_describe(&d->tree, &d->status.watch);
	status_write(&d->status, &text);
	if (place_write_status(&d->place, &text, &e) < 0)
		log_line(LOG_WARNING, "%s", e.text);
	notify_manager("STATUS=%s: %s", d->status.state, d->status.why);
	buf_release(&text);
}

/* ---- actions ---- */

static void withdraw(struct daemon *d)
{
	struct err e = ERR_INIT;

	if (place_withdraw(&d->place, &e) < 0)
		log_line(LOG_ERROR, "%s", e.text);
	if (d->epoch)
		log_line(LOG_NOTICE, "epoch %llu is withdrawn", (unsigned long long)d->epoch);
	d->epoch = 0;
	d->withdrawn = true;
}

static struct job own_job(const struct daemon *d)
{
	struct job j = builder_job(&d->builder);

	j.build = true;
	j.low = true;
	job_argument(&j, "epoch");
	job_argument(&j, "begin");
	job_argument(&j, "--here");
	for (size_t i = 0; d->options->begin && d->options->begin[i]; i++)
		job_argument(&j, d->options->begin[i]);
	return j;
}

static void build(struct daemon *d)
{
	struct job j = d->asked.argv ? job_copy(&d->asked) : own_job(d);

	if (d->rekey)
		job_argument(&j, "--rekey");
	d->withdrawn = false;
	/* What has happened so far will be in it: only what comes from now on may stop it. */
	daemon_watch_drain(d);
	d->build_began_nsec = now_nsec(CLOCK_MONOTONIC);
	builder_start(&d->builder, &j);
}

static void collect(struct daemon *d)
{
	struct job j = builder_job(&d->builder);

	j.low = true;
	job_argument(&j, "-q");
	job_argument(&j, "epoch");
	job_argument(&j, "gc");
	builder_start(&d->builder, &j);
}

static void wait_to_retry(struct daemon *d)
{
	log_line(LOG_NOTICE, "the next try is in %llu s, or after the next change",
		 (unsigned long long)d->retry_msec / 1000);
	loop_timer_set(&d->timer, d->retry_msec);
	d->retry_msec *= 2;
	if (d->retry_msec > DAEMON_LONGEST_RETRY_MSEC)
		d->retry_msec = DAEMON_LONGEST_RETRY_MSEC;
}

/* While a lock is held, the end of the package manager will be seen for certain. */
static void wait_for_hook(struct daemon *d)
{
	loop_timer_set(&d->timer, d->packages.running ? 0 : DAEMON_HOOK_MSEC);
}

static void act(struct daemon *d, unsigned actions)
{
	if (actions & MACHINE_STOP)
		builder_stop(&d->builder);
	if (actions & MACHINE_STOP && d->build_began_nsec) {
		d->status.last_result = "stopped";
		d->build_began_nsec = 0;
	}
	if (actions & MACHINE_WITHDRAW)
		withdraw(d);
	if (actions & MACHINE_DISMISS)
		daemon_answer(d, 1, "the epoch was ended while it was asked for");
	if (actions & MACHINE_REFUSE)
		daemon_answer(d, 1, "a package manager is running; the next epoch begins by itself "
				    "when it has finished");
	if (actions & MACHINE_BUILD)
		build(d);
	if (actions & MACHINE_WAIT_QUIET)
		loop_timer_set(&d->timer, d->options->quiet_msec);
	if (actions & MACHINE_WAIT_HOOK)
		wait_for_hook(d);
	if (actions & MACHINE_WAIT_RETRY)
		wait_to_retry(d);
	if (actions & MACHINE_COLLECT)
		collect(d);
}

void daemon_event(struct daemon *d, enum machine_event event, const char *what)
{
	struct machine_cell cell = machine_step(d->state, event);
	enum machine_state before = d->state;
	uint64_t epoch = d->epoch;

	if (cell.actions & MACHINE_NEVER) {
		log_line(LOG_ERROR, "in state %s: %s: this should not happen",
			 machine_state_name(before), machine_event_text(event));
		return;
	}
	if (cell.next != before) {
		log_line(LOG_INFO, "%s: %s%s%s", machine_public_name(cell.next),
			 machine_event_text(event), *what ? ": " : "", what);
		loop_timer_set(&d->timer, 0);
		d->status.since_nsec = now_nsec(CLOCK_REALTIME);
	}
	d->state = cell.next;
	d->ended = cell.next == STATE_ENDED ||
		   (d->ended && (cell.next == STATE_BUILDING || cell.next == STATE_CHANGES));
	act(d, cell.actions);
	if (cell.next != before || d->epoch != epoch)
		daemon_write_status(d);
}

/* ---- the builder's end ---- */

static void describe_end(char *out, size_t room, int status, const char *last_line)
{
	if (WIFSIGNALED(status))
		snprintf(out, room, "the builder was killed by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else if (*last_line)
		snprintf(out, room, "%s", last_line);
	else
		snprintf(out, room, "the builder ended with exit status %d", WEXITSTATUS(status));
}

static void built(struct daemon *d)
{
	struct status *s = &d->status;
	char took[64];

	d->rekey = false;
	d->retry_msec = DAEMON_RETRY_MSEC;
	s->builds++;
	s->last_result = "built";
	snprintf(took, sizeof(took), "in %llu ms", (unsigned long long)s->last_took_nsec / 1000000);
	snprintf(s->last_reason, sizeof(s->last_reason), "epoch %llu", (unsigned long long)d->epoch);
	daemon_answer(d, 0, "");
	daemon_event(d, EVENT_BUILT, took);
	log_line(LOG_NOTICE, "epoch %llu is current", (unsigned long long)d->epoch);
	/* One for another system, or taken away at once. */
	if (!d->epoch)
		daemon_event(d, EVENT_VANISHED, "");
}

/* Who mistypes a `begin` wants no more epochs than before. */
static enum machine_event failure(const struct daemon *d, bool asked)
{
	if (asked && d->epoch)
		return EVENT_BUILD_KEPT;
	return asked && d->ended ? EVENT_BUILD_GIVEN_UP : EVENT_BUILD_FAILED;
}

static void build_failed(struct daemon *d, int status, const char *last_line)
{
	struct status *s = &d->status;
	bool asked = d->asked.argv;

	s->failures++;
	s->last_result = "failed";
	describe_end(s->last_reason, sizeof(s->last_reason), status, last_line);
	log_line(LOG_WARNING, "no epoch: %s", s->last_reason);
	daemon_answer(d, WIFEXITED(status) ? WEXITSTATUS(status) : 1,
		      WIFEXITED(status) && WEXITSTATUS(status) != 127 ? "" : s->last_reason);
	daemon_event(d, failure(d, asked), "");
}

void daemon_builder_ended(void *context, int status, const char *last_line)
{
	struct daemon *d = context;
	struct status *s = &d->status;

	s->last_took_nsec = (uint64_t)(now_nsec(CLOCK_MONOTONIC) - d->build_began_nsec);
	s->last_ended_nsec = now_nsec(CLOCK_REALTIME);
	d->build_began_nsec = 0;
	d->epoch = place_current(&d->place);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		built(d);
	else
		build_failed(d, status, last_line);
}

void daemon_builder_stopped(void *context)
{
	struct daemon *d = context;

	/* It may have published in its last moment. */
	if (d->withdrawn && place_current(&d->place))
		withdraw(d);
	else
		d->epoch = place_current(&d->place);
}
