/*
 * builder.h - the child process that does the work
 *
 * The daemon itself resolves nothing and reads no ELF file: it executes matr.
 * There is one child at a time, of one of two kinds: a build, whose end the
 * daemon is told of, and the removal of old epochs, whose end interests nobody.
 * A start while another child runs stops that one and waits for its end.
 *
 * The child dies with the daemon (PR_SET_PDEATHSIG), leads a process group of its
 * own, and what it prints goes line by line to the log, unless the job brings
 * descriptors of a client.  A stopped child may be killed at any point: the
 * store is whole after that (cache/publish.h).
 */
#ifndef EPOCHD_BUILDER_H
#define EPOCHD_BUILDER_H

#include "common/buf.h"
#include "epochd/loop.h"

#include <sys/types.h>

#define BUILDER_NICE 2 /* with SCHED_BATCH; I/O is best effort, lowest priority */

struct job {
	char **argv; /* ended by NULL; each and the array from malloc */
	bool build;  /* false: nobody is told of its end */
	bool low;    /* lowered CPU and I/O priority */
	int cwd, out, err; /* descriptors of a client; -1: the daemon's folder, the log */
};

struct builder {
	struct loop *loop;
	const char *matr;  /* path of matr */
	const char *store; /* absolute */
	/* A build has ended by itself: wait status, and the last line it printed, or "". */
	void (*ended)(void *context, int status, const char *last_line);
	void (*stopped)(void *context); /* a child that was stopped has gone */
	void *context;

	pid_t pid; /* 0: none runs */
	bool stopping;
	bool build;
	struct loop_source child, output, patience;
	struct buf line; /* what came since the last line feed */
	char last[512];
	int level;	 /* of the last line, in the log */
	struct job next; /* argv NULL: none waits */
};

void builder_init(struct builder *b);

/* Takes the job over, its descriptors too. */
void builder_start(struct builder *b, struct job *job);

/* Ends the child; `ended` will not be called for it.  Does not wait. */
void builder_stop(struct builder *b);

/* A job of this builder's matr and store, without a command yet. */
struct job builder_job(const struct builder *b);
void job_argument(struct job *j, const char *argument);
struct job job_copy(const struct job *j); /* with descriptors of its own */
void job_release(struct job *j);

/* Stops the child and waits for it, some seconds at most; frees everything. */
void builder_close(struct builder *b);

#endif
