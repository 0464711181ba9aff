/* A stopped crew: the question is refused in time, and the one after it is answered. */
#include "epochd/worker.h"
#include "image/reason.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned ask(struct workers *w, const char *path)
{
	struct arena a = ARENA_INIT;
	struct mapping m;
	struct err e = ERR_INIT;
	unsigned reason;

	if (workers_resolve(w, &(struct question){.path = path}, &a, &m, &e) < 0) {
		fprintf(stderr, "%s: %s\n", path, e.text);
		exit(1);
	}
	reason = m.reason;
	if (reason == REASON_WORKER_DIED && !strstr(m.detail, "took longer than 1 seconds")) {
		fprintf(stderr, "%s: %s\n", path, m.detail);
		exit(1);
	}
	arena_release(&a);
	return reason;
}

static void expect(struct workers *w, const char *path, unsigned reason)
{
	unsigned is = ask(w, path);

	if (is == reason)
		return;
	fprintf(stderr, "%s: %s, not %s\n", path, reason_name(is), reason_name(reason));
	exit(1);
}

static void stop_crew(void)
{
	FILE *f = fopen("/proc/thread-self/children", "r");
	int pid = 0;

	if (!f || fscanf(f, "%d", &pid) != 1 || kill(pid, SIGSTOP) < 0) {
		perror("no crew");
		exit(1);
	}
	fclose(f);
}

int main(int argc, char **argv)
{
	struct resolver *r;
	struct workers *w;
	struct err e = ERR_INIT;

	if (argc != 3 || resolver_open(&r, &(struct resolver_options){0}, &e) < 0) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	workers_open(&w, &(struct workers_options){.resolver = r, .threads = 2, .seconds = 1});
	expect(w, argv[1], REASON_NONE);
	stop_crew();
	expect(w, argv[2], REASON_WORKER_DIED);
	expect(w, argv[1], REASON_NONE);
	expect(w, argv[2], REASON_WORKER_DIED); /* it is not asked again */
	if (workers_note(w))
		fprintf(stderr, "note: %s\n", workers_note(w));
	workers_close(w);
	resolver_close(r);
	return 0;
}
