#include "epochd/daemon_internal.h"

#include "common/file.h"
#include "epochd/log.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void signal_came(void *context)
{
	struct daemon *d = context;
	struct signalfd_siginfo info;

	if (read(d->signals.fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo != SIGHUP) {
		log_line(LOG_INFO, "%s: epochd ends", strsignal((int)info.ssi_signo));
		d->loop.stop = true;
		return;
	}
	daemon_watch_again(d);
	daemon_event(d, EVENT_RELOAD, "");
}

static int open_signals(struct daemon *d, struct err *e)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	d->signals = (struct loop_source){.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK),
					  .ready = signal_came,
					  .context = d};
	if (d->signals.fd < 0)
		return err_sys(e, "cannot wait for signals");
	return loop_add(&d->loop, &d->signals, EPOLLIN, e);
}

static void time_passed(void *context)
{
	struct daemon *d = context;

	loop_timer_set(&d->timer, 0);
	daemon_event(d, EVENT_TIME, "");
}

/*
 * An epoch of an earlier boot has addresses that were drawn then.  Without a status the
 * boot is not known, and an epoch that is current counts as old.
 */
static bool wants_rekey(const struct daemon *d)
{
	char before[STATUS_BOOT_ID_BYTES];
	struct buf text = BUF_INIT;
	bool known = file_read(d->place.fd, PLACE_STATUS, 0, &text, NULL) == 0;

	status_read_boot_id(&text, before);
	buf_release(&text);
	if (!known && !d->epoch)
		return false;
	return strcmp(before, d->status.boot_id) != 0;
}

static int open_all(struct daemon *d, struct err *e)
{
	int ret = loop_open(&d->loop, e);

	d->timer = (struct loop_source){.fd = -1, .ready = time_passed, .context = d};
	d->server = (struct server){.loop = &d->loop,
				    .place = &d->place,
				    .handle = daemon_client_asks,
				    .gone = daemon_client_gone,
				    .context = d};
	d->builder = (struct builder){.loop = &d->loop,
				      .matr = d->options->matr,
				      .store = d->place.dir,
				      .ended = daemon_builder_ended,
				      .stopped = daemon_builder_stopped,
				      .context = d};
	if (ret == 0)
		ret = loop_timer(&d->loop, &d->timer, e);
	if (ret == 0)
		ret = open_signals(d, e);
	if (ret < 0)
		return ret;
	builder_init(&d->builder);
	/* Before the first look at anything: what changes from now on is seen. */
	ret = daemon_watch_open(d, e);
	return ret == 0 ? server_open(&d->server, e) : ret;
}

static void begin(struct daemon *d)
{
	d->epoch = place_current(&d->place);
	d->rekey = wants_rekey(d);
	if (d->packages.running)
		daemon_event(d, EVENT_PACKAGES_BEGUN, d->packages.running);
	else
		daemon_event(d, EVENT_START, d->rekey ? "the system was started anew" : "");
	notify_manager("READY=1\nMAINPID=%d", (int)getpid());
}

static void close_all(struct daemon *d)
{
	notify_manager("STOPPING=1");
	daemon_answer(d, 1, "epochd ends");
	builder_close(&d->builder);
	server_close(&d->server);
	daemon_watch_close(d);
	loop_remove(&d->loop, &d->signals);
	loop_remove(&d->loop, &d->timer);
	loop_close(&d->loop);
	d->epoch = place_current(&d->place);
	d->status.pid = 0;
	daemon_write_status(d);
}

int daemon_run(const struct daemon_options *o, struct err *e)
{
	struct daemon d = {.options = o,
			   .state = STATE_STARTING,
			   .retry_msec = DAEMON_RETRY_MSEC,
			   .asked = {.cwd = -1, .out = -1, .err = -1},
			   .status = {.pid = getpid(), .watch = {.how = "none"}}};
	int ret = place_open(&d.place, o->store, e);

	if (ret < 0)
		return ret;
	status_boot_id(d.status.boot_id);
	ret = open_all(&d, e);
	if (ret == 0) {
		begin(&d);
		ret = loop_run(&d.loop, e);
		if (d.homeless)
			ret = err_set(e, -ENOENT, "the store '%s', or its socket, was taken away", d.place.dir);
		close_all(&d);
	}
	place_close(&d.place);
	return ret;
}
