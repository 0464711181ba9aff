/*
 * matr epoch packages begin|end: what the hooks of package managers say
 *
 * A hook must never make a package manager fail or wait for long: exit status 0,
 * whatever happens.  Where no daemon runs, `begin` withdraws the epoch, and `end`
 * makes the next one, if the store ever had one; but not while dpkg itself works, of which
 * its triggers are a part: the hook behind it does.
 */
#include "cache/gc.h"
#include "cache/publish.h"
#include "epochd/engine.h"
#include "matr/enable_again.h"
#include "matr/epoch_actions.h"
#include "matr/epoch_daemon.h"
#include "matr/package_lock.h"
#include "matr/system_mode.h"

#include <string.h>
#include <unistd.h>

static bool had_epoch(struct store *s)
{
	struct catalogue_read *read;
	uint64_t last = 0;

	if (catalogue_read_begin(&read, s, NULL) < 0)
		return false;
	catalogue_last_epoch(read, &last, NULL);
	catalogue_read_end(read);
	return last != 0;
}

static int make_epoch(struct matr_options *o)
{
	char *arguments[] = {"begin", "--here", NULL};
	bool quiet = o->quiet;
	int status;

	o->quiet = true;
	status = epoch_action_begin(NULL, 2, arguments, o);
	o->quiet = quiet;
	return status;
}

/* With the daemon it does that. */
static void collect(struct matr_options *o)
{
	struct gc_options options = {.keep = EPOCHS_KEPT};
	struct err e = ERR_INIT;
	struct gc_result result;
	struct store *s;

	if (store_open(&s, o->store, 0, &e) < 0)
		return;
	if (store_lock_exclusive(s, &e) == 0) {
		gc_run(s, &options, &result, &e);
		store_unlock(s);
	}
	store_close(s);
}

static void in_process(bool begin, struct matr_options *o)
{
	struct err e = ERR_INIT;
	struct store *s;
	bool wanted = false;

	if (store_open(&s, o->store, 0, &e) < 0)
		return;
	/* Without the lock: who holds it makes an epoch of what is about to change. */
	if (begin && publish_withdraw(s, &e) < 0)
		matr_note(o, "%s", e.text);
	if (!begin)
		wanted = !package_lock_held() && had_epoch(s);
	store_close(s);
	if (wanted && make_epoch(o) == MATR_OK)
		collect(o);
}

int epoch_action_packages(struct store *s, int argc, char **argv, struct matr_options *o)
{
	int ret = epoch_own_options(argc, argv, o), folder, status;
	bool begin, done;

	(void)s;
	if (ret)
		return ret;
	if (argc - optind != 1 || (strcmp(argv[optind], "begin") && strcmp(argv[optind], "end")))
		return matr_usage_error("epoch", "epoch packages: begin or end");
	begin = !strcmp(argv[optind], "begin");
	folder = epoch_daemon_folder(o);
	if (folder < 0)
		return MATR_OK; /* no store: nothing to keep */
	if (!begin)
		enable_again(o, ENABLE_AGAIN_HOOK);
	/* Its trial starts programs, which may be half replaced before. */
	if (!begin && !package_lock_held())
		system_refresh_here(o);
	done = epoch_daemon_ask(folder, begin ? CONTROL_PACKAGES_BEGIN : CONTROL_PACKAGES_END,
				&status);
	close(folder);
	/* A daemon that does not answer is none. */
	if (!done || status)
		in_process(begin, o);
	return MATR_OK;
}
