/*
 * tracee.h - a program started under ptrace, from stop to stop
 *
 * The engine of `matr verify` and `matr time`.  A child is made ready up to its
 * last instruction before execve (the mark), and then runs from one stop to the
 * next: its exec, up to four addresses that the caller chose (the points), its
 * system calls where wanted, its end.  Its signals reach it as ever.
 *
 *	struct tracee t;
 *	if (tracee_begin(&t, &request, &e) == 0)          stands at its mark
 *		while (tracee_run(&t, TRACEE_TO_POINT, &e) > 0)
 *			t.stop, t.at; tracee_set_points(), tracee_read()
 *	tracee_end(&t);
 *
 * tracee_start() does all of that up to ld.so's debugger event.  ld.so tells
 * debuggers that the list of objects is complete by calling an empty function,
 * _dl_debug_state, with r_state RT_CONSISTENT.  From 2.31 to 2.43 it does so
 * after everything is relocated and before any initialiser.  Of the program's
 * objects nothing but IFUNC resolvers, which ld.so calls while it relocates,
 * has run then.  A second point at the program's entry ends a run that came
 * past the event unseen.
 *
 * Points are breakpoint instructions, or, with `hardware`, the processor's debug
 * registers where the system lets them be used: these change no page.
 *
 * The tracee dies with the tracer (PTRACE_O_EXITKILL).  One at a time per
 * process: the timeout uses SIGALRM, and waiting is for this thread's child.
 */
#ifndef MATR_TRACEE_H
#define MATR_TRACEE_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define TRACEE_POINTS 4

struct tracee_request {
	const char *path;	   /* of the program */
	char *const *argv;	   /* NULL: the path alone */
	char *const *environment;
	const char *interpreter; /* show a private copy with this interpreter; NULL: as it is */
	const char *event_file;	 /* tracee_start: the ELF file, mapped by the kernel as interpreter,
				    that has _dl_debug_state */
	unsigned timeout;  /* seconds, from tracee_begin to tracee_end */
	bool keep_output;  /* its output is the caller's; else it is lost, but for `talk` */
	bool hardware;	   /* points by debug registers, where possible */
	bool stop_at_exit; /* its end is a stop, with its memory still there */
};

enum tracee_outcome {
	TRACEE_STOPPED = 1, /* at a stop, of tracee_start: at the event */
	TRACEE_EXITED,	    /* ended; `status` */
	TRACEE_KILLED,	    /* by a signal; `status` */
	TRACEE_TIMEOUT,
	TRACEE_NO_EVENT, /* tracee_start: came to its entry without the event */
};

enum tracee_stop {
	TRACEE_AT_MARK = 1, /* before its execve */
	TRACEE_AT_EXEC,	    /* a new program is in place: base to vdso are known */
	TRACEE_AT_POINT,    /* at `at`, which has not been executed */
	TRACEE_AT_CALL,	    /* at the beginning or the end of a system call */
	TRACEE_AT_EXIT,	    /* about to end */
};

struct tracee {
	pid_t pid; /* 0: none */
	enum tracee_outcome outcome;
	int status; /* exit status or signal */
	enum tracee_stop stop;
	uint64_t at;	   /* AT_POINT: which */
	uint64_t ran_nsec; /* how long tracee_run() let it run, all stops together */
	unsigned stops;	   /* how often it was let go and stopped for that; each costs some time */
	int memory;	   /* /proc/PID/mem, or -1 */
	uint64_t base;	   /* AT_BASE: where the kernel mapped the interpreter; 0: none */
	uint64_t entry;	   /* AT_ENTRY, run-time address */
	uint64_t phdr;	   /* AT_PHDR, run-time address */
	uint64_t phdr_count;
	uint64_t vdso;	/* AT_SYSINFO_EHDR; 0: none */
	uint64_t debug; /* run-time address of struct r_debug; set by tracee_is_relocated() */
	char *talk;	/* what it wrote to standard error; NUL-terminated, owned */
	size_t talk_bytes;
	/* private */
	int talk_fd, complaint_fd;
	int signal; /* to be delivered when it goes on */
	bool hardware, is_program;
	uint64_t point[TRACEE_POINTS]; /* 0: none */
	uint8_t original[TRACEE_POINTS];
};

/*
 * 0 when the child stands at its mark (outcome TRACEE_STOPPED), or ended or
 * stalled before it; negative where it could not be made or traced.
 * tracee_end() either way.
 */
int tracee_begin(struct tracee *t, const struct tracee_request *r, struct err *e);

/*
 * To the next stop.  1: it stands there; 0: the run is over, outcome says how;
 * negative: failed, -ENOEXEC where the kernel refuses to execute the program.
 */
enum tracee_how { TRACEE_TO_POINT, TRACEE_TO_CALL };
int tracee_run(struct tracee *t, enum tracee_how how, struct err *e);

/*
 * Called by the child TRACEE_IDLE_CALLS times between its mark and its execve, and
 * does nothing: with a point there, the time that it runs is what stops cost.
 */
#define TRACEE_IDLE_CALLS 9
void tracee_idle(void);

/* These points, 0 for none, and no others.  Points are gone after an exec. */
int tracee_set_points(struct tracee *t, const uint64_t at[TRACEE_POINTS], struct err *e);

/* The first argument of a function that it is about to execute. */
uint64_t tracee_argument(const struct tracee *t);

/* Has ld.so relocated everything?  Known once it has called _dl_debug_state. */
bool tracee_is_relocated(struct tracee *t);

/* What it has written so far, in talk. */
void tracee_read_talk(struct tracee *t);

/*
 * To ld.so's event, in one call.  0 when the run ended one way or another
 * (outcome says which); negative as tracee_run().  tracee_end() either way.
 */
int tracee_start(struct tracee *t, const struct tracee_request *r, struct err *e);
void tracee_end(struct tracee *t);

/* All of it, or -EFAULT. */
int tracee_read(const struct tracee *t, uint64_t address, void *to, size_t bytes);

/* The string at `address`, at most `max` bytes with its NUL. */
int tracee_read_string(const struct tracee *t, uint64_t address, char *to, size_t max);

/* waitpid ends with EINTR after so many seconds, again and again; 0: no more. */
void tracee_alarm(unsigned seconds);

/* The link-time address of a defined symbol in .dynsym, else in .symtab. */
int elf_find_symbol(const char *path, const char *name, uint64_t *value, struct err *e);

#endif
