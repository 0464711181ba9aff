#include "matr/epoch_daemon.h"

#include "common/arena.h"
#include "common/file.h"
#include "common/out.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int epoch_daemon_folder(const struct matr_options *o)
{
	return open(o->store, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Descriptors and requests go to nobody but ourselves: the folder's owner is who listens there. */
static bool is_ours(int dirfd)
{
	struct stat st;

	return fstat(dirfd, &st) == 0 && st.st_uid == geteuid() && !(st.st_mode & 022);
}

static bool ask(int dirfd, const struct control_request *r, int *status)
{
	struct control_answer a = {0};
	struct err e = ERR_INIT;
	int fd = is_ours(dirfd) ? control_connect(dirfd, NULL) : -1;

	if (fd < 0)
		return false;
	if (control_ask(fd, r, &a, &e) < 0) {
		matr_error("%s", e.text);
		a.status = MATR_FAILED;
	} else if (a.text.used) {
		matr_error("%s", a.text.data);
	}
	*status = a.status;
	buf_release(&a.text);
	return true;
}

bool epoch_daemon_ask(int dirfd, enum control_kind kind, int *status)
{
	return ask(dirfd, &(struct control_request){.kind = kind}, status);
}

bool epoch_daemon_begin(int argc, char **argv, const struct matr_options *o, int *status)
{
	int store = epoch_daemon_folder(o), cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char **arguments = xcalloc((size_t)argc + CONTROL_GLOBALS, sizeof(*arguments));
	const int fds[CONTROL_FDS] = {cwd, STDOUT_FILENO, STDERR_FILENO};
	bool done = false;

	arguments[0] = o->quiet ? "-q" : "";
	arguments[1] = o->json ? "--json" : "";
	for (int i = 0; i < argc; i++)
		arguments[CONTROL_GLOBALS + i] = argv[i];
	if (store >= 0 && cwd >= 0)
		done = ask(store,
			   &(struct control_request){.kind = CONTROL_BEGIN,
						     .arguments = arguments,
						     .count = (size_t)argc + CONTROL_GLOBALS,
						     .fds = fds},
			   status);
	if (store >= 0)
		close(store);
	if (cwd >= 0)
		close(cwd);
	free(arguments);
	return done;
}

json_t *epoch_daemon_status(int dirfd)
{
	struct control_answer a = {0};
	json_t *j = NULL;
	int fd = control_connect(dirfd, NULL), folder;

	if (fd < 0)
		return NULL;
	if (control_ask(fd, &(struct control_request){.kind = CONTROL_STATUS}, &a, NULL) < 0) {
		/* It runs, but has no time, or too many clients: what it wrote last will do. */
		folder = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		buf_clear(&a.text);
		file_read(folder, "status", CONTROL_MAX_BYTES, &a.text, NULL);
		if (folder >= 0)
			close(folder);
	}
	if (a.text.used)
		j = json_loads(a.text.data, 0, NULL);
	buf_release(&a.text);
	return j;
}

void epoch_daemon_report(const json_t *j)
{
	const json_t *last = json_object_get(j, "last");
	const char *result = json_string_value(json_object_get(last, "result"));
	const char *reason = json_string_value(json_object_get(last, "reason"));
	const char *state = json_string_value(json_object_get(j, "state"));
	const char *why = json_string_value(json_object_get(j, "why"));
	char since[OUT_NUMBER_BYTES];

	if (!j) {
		puts("  epochd       does not run");
		return;
	}
	printf("  epochd       process %lld: %s since %s (%s)\n",
	       (long long)json_integer_value(json_object_get(j, "pid")), state ? state : "?",
	       out_time(since, json_integer_value(json_object_get(j, "since"))), why ? why : "?");
	if (result && strcmp(result, "built"))
		printf("  last build   %s: %s\n", result, reason ? reason : "");
}
