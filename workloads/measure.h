/*
 * measure.h - what the parts of workloads/measure share
 *
 * measure.c reads the options, keeps the rounds and prints; a server process per
 * mount namespace carries out requests (start.c is what it does: starts that are timed or
 * traced; idle.c: processes that are left running to see their memory).  A server
 * answers each request with one struct answer.
 */
#ifndef WORKLOADS_MEASURE_H
#define WORKLOADS_MEASURE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* What a program is started with; MATR and EXEC in the namespace of enabled copies. */
enum variant { LAZY, NOW, MATR, EXEC, VARIANTS };

enum { MAX_BINDS = 64, MAX_VARIABLES = 64 };

struct options {
	long rounds, seconds;
	int once;
	int cold;		/* nothing is in the page cache before a start */
	const char *cold_files; /* a list of what to put out where caches cannot be dropped */
	int together;		/* starts at once */
	const char *idle;	/* numbers of processes, with commas between */
	char *binds[MAX_BINDS]; /* COPY=PATH */
	size_t bind_count;
	char *variables[VARIANTS][MAX_VARIABLES];
	size_t variable_count[VARIANTS];
	char **argv;
};

enum task { TASK_TIME, TASK_MEMORY, TASK_IDLE };

struct request {
	enum variant variant;
	enum task task;
	int count; /* processes at once */
};

struct answer {
	uint64_t nsec;	     /* TASK_TIME: from before the first start to the last end */
	struct rusage usage; /* of all together */
	int status;	     /* as wait4 has it; the first that is not 0 */
	long dirty;	     /* Private_Dirty of all, KiB */
	long dirty_files;    /* of this, in mappings of files: libraries and the program */
	long pss;	     /* Pss of all, KiB */
};

/* Prints the message, with errno's, and ends the process with status 1. */
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

uint64_t now_nsec(void);

/* Enters a private mount namespace in which each PATH shows its COPY. */
void show_copies(const struct options *o);

/* Starts `count` processes, waits for all; measure.c says what is between. */
void start_timed(const struct options *o, char **environment, int count, struct answer *a);

/* One start under ptrace: its memory when it ends. */
void start_traced(const struct options *o, char **environment, struct answer *a);

/* Adds what a process has to the memory in the answer. */
void add_memory_of(pid_t pid, struct answer *a);

/*
 * Starts `count` processes that do not end (standard input: a pipe that stays
 * empty), waits until they use no more processor time, takes their memory and
 * kills them.  The status is that of the first one that ended by itself.
 */
void start_idle(const struct options *o, char **environment, int count, struct answer *a);

#endif
