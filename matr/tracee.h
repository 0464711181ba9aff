/*
 * tracee.h - a program started under ptrace and stopped before its own code runs
 *
 * ld.so tells debuggers that the list of objects is complete by calling an
 * empty function, _dl_debug_state, with r_state RT_CONSISTENT.  From 2.31 to
 * 2.43 it does so after everything is relocated and before any initialiser.
 * Here a breakpoint waits there; when it is hit the program is looked at, then
 * killed.  Of the program's objects nothing but IFUNC resolvers, which
 * ld.so calls while it relocates, has run then.  A second breakpoint at the program's
 * entry ends a run that came past the first one unseen.
 *
 *	struct tracee t;
 *	if (tracee_start(&t, &request, &e) == 0 && t.outcome == TRACEE_STOPPED)
 *		look with tracee_read()
 *	tracee_end(&t);
 *
 * The tracee dies with the tracer (PTRACE_O_EXITKILL).  One at a time per
 * process: the timeout uses SIGALRM, and waiting is for this thread's child.
 */
#ifndef MATR_TRACEE_H
#define MATR_TRACEE_H

#include "common/err.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tracee_request {
	const char *path; /* canonical path of the program; also its argv[0] */
	char *const *environment;
	const char *interpreter; /* show a private copy with this interpreter; NULL: as it is */
	const char *event_file;	 /* the ELF file, mapped by the kernel as interpreter, that has
				    _dl_debug_state */
	unsigned timeout;	 /* seconds */
};

enum tracee_outcome {
	TRACEE_STOPPED = 1, /* at the event: may be read */
	TRACEE_EXITED,	    /* ended before; `status` */
	TRACEE_KILLED,	    /* by a signal before; `status` */
	TRACEE_TIMEOUT,
	TRACEE_NO_EVENT, /* came to its entry without the event */
};

struct tracee {
	pid_t pid; /* 0: none */
	enum tracee_outcome outcome;
	int status;	/* exit status or signal */
	int memory;	/* /proc/PID/mem, or -1 */
	uint64_t base;	/* AT_BASE: where the kernel mapped the interpreter */
	uint64_t entry; /* AT_ENTRY, run-time address */
	uint64_t phdr;	/* AT_PHDR, run-time address */
	uint64_t phdr_count;
	uint64_t vdso;	/* AT_SYSINFO_EHDR; 0: none */
	uint64_t debug; /* run-time address of struct r_debug; set at the event */
	char *talk;	/* what it wrote to standard error; NUL-terminated, owned */
	size_t talk_bytes;
	int talk_fd;	/* private */
	uint64_t event; /* private: run-time address of the breakpoint */
};

/*
 * 0 when the run ended one way or another (outcome says which); negative where
 * it could not be started or traced; -ENOEXEC: the kernel refuses
 * to execute it.  tracee_end() either way.
 */
int tracee_start(struct tracee *t, const struct tracee_request *r, struct err *e);
void tracee_end(struct tracee *t);

/* All of it, or -EFAULT. */
int tracee_read(const struct tracee *t, uint64_t address, void *to, size_t bytes);

/* The string at `address`, at most `max` bytes with its NUL. */
int tracee_read_string(const struct tracee *t, uint64_t address, char *to, size_t max);

/* The link-time address of a defined symbol in .dynsym, else in .symtab. */
int elf_find_symbol(const char *path, const char *name, uint64_t *value, struct err *e);

#endif
