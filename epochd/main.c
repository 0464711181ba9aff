/* epochd: options, then the daemon; the manual is epochd(8) */
#include "epochd/daemon.h"
#include "epochd/log.h"

#include "common/arena.h"
#include "cache/store.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LONGEST_QUIET_MSEC 3600000u

static int usage(void)
{
	fputs("usage: epochd [--store DIR] [--matr PATH] [--debounce MS] [--inotify] [--debug]\n"
	      "              [-- OPTION-OF-BEGIN...]\n"
	      "\n"
	      "Keeps an epoch of the store current: withdraws it as soon as packages or files\n"
	      "change, begins the next one when that is over. Stays in the foreground.\n"
	      "\n"
	      "  --store DIR    the store (default $MATR_STORE, else /var/lib/matr)\n"
	      "  --matr PATH    the matr that is executed\n"
	      "  --debounce MS  so long must it be quiet after a change (default 2000)\n"
	      "  --inotify      watch folders with inotify also where fanotify may be used\n"
	      "  --debug        log more\n"
	      "\n"
	      "What stands behind -- is given to each 'matr epoch begin' of its own.\n",
	      stdout);
	return 0;
}

static int try_help(void)
{
	fputs("Try 'epochd --help'.\n", stderr);
	return 2;
}

/* matr beside this program, or in the bin beside its sbin, or where packages have it. */
static const char *find_matr(struct arena *a)
{
	static const char *const places[] = {"matr", "../bin/matr"};
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *path, *slash;

	if (n <= 0)
		return "/usr/bin/matr";
	self[n] = '\0';
	slash = strrchr(self, '/');
	for (size_t i = 0; slash && i < sizeof(places) / sizeof(places[0]); i++) {
		path = arena_printf(a, "%.*s/%s", (int)(slash - self), self, places[i]);
		if (access(path, X_OK) == 0)
			return path;
	}
	return "/usr/bin/matr";
}

/* It is executed from other folders than this one. */
static const char *absolute(struct arena *a, const char *path)
{
	char real[PATH_MAX];

	return realpath(path, real) ? arena_strdup(a, real) : path;
}

/* 1: go on; else *status is the exit status. */
static int read_options(int argc, char **argv, struct daemon_options *o, int *status)
{
	static const struct option options[] = {
		{"store", required_argument, NULL, 's'}, {"matr", required_argument, NULL, 'm'},
		{"debounce", required_argument, NULL, 'd'}, {"inotify", no_argument, NULL, 'i'},
		{"debug", no_argument, NULL, 'D'}, {"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	unsigned long n;
	char *end;
	int c;

	while ((c = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
		if (c == 's' && *optarg) {
			o->store = optarg;
		} else if (c == 'm') {
			o->matr = optarg;
		} else if (c == 'd') {
			n = strtoul(optarg, &end, 10);
			if (*optarg < '0' || *optarg > '9' || *end || n < 1 || n > LONGEST_QUIET_MSEC) {
				fputs("epochd: --debounce needs milliseconds\n", stderr);
				*status = 2;
				return 0;
			}
			o->quiet_msec = (unsigned)n;
		} else if (c == 'i') {
			o->inotify = true;
		} else if (c == 'D') {
			log_open(LOG_DEBUG);
		} else {
			*status = c == 'h' ? usage() : try_help();
			return 0;
		}
	}
	if (optind < argc && strcmp(argv[optind - 1], "--")) {
		fprintf(stderr, "epochd: unexpected '%s'\n", argv[optind]);
		*status = try_help();
		return 0;
	}
	o->begin = argv + optind;
	return 1;
}

int main(int argc, char **argv)
{
	struct daemon_options options = {.store = store_default(),
					 .quiet_msec = DAEMON_QUIET_MSEC};
	struct arena arena = ARENA_INIT;
	struct err e = ERR_INIT;
	int status = 0;

	log_open(LOG_INFO);
	if (!read_options(argc, argv, &options, &status))
		return status;
	options.matr = options.matr ? absolute(&arena, options.matr) : find_matr(&arena);
	if (daemon_run(&options, &e) < 0) {
		log_line(LOG_ERROR, "%s", e.text);
		status = 1;
	}
	arena_release(&arena);
	return status;
}
