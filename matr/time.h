/*
 * time.h - the parts of `matr time`
 *
 * A start is timed in three variants, in turn: stock as it is (lazy), stock with
 * LD_BIND_NOW=1 (now), and through the shim (matr).
 *
 *	time_target.c  what is timed: the file, its reason, its mapping's counts, the view
 *	time_server.c  one process per view, in which starts are made and timed
 *	time_phases.c  one start under ptrace, cut into phases (tracee.h)
 *	time_whole.c   one start without ptrace; what one cpuid costs
 *	time_loader.c  where the stops are in a loader's file
 *	time_run.c     rounds of starts and their medians
 *	time_report.c  the result as a table
 *	time_json.c    the result as JSON
 *	cmd_time.c     options
 *
 * What decides is never traced more than it must be: whole runs are not traced at
 * all, runs up to the program's entry have the stops at exec and entry only.  The
 * phases come from other starts, with a stop at each boundary.  What a stop costs
 * is measured in every traced start anew and taken off.
 */
#ifndef MATR_TIME_H
#define MATR_TIME_H

#include "common/arena.h"
#include "common/err.h"
#include "matr/matr.h"
#include "matr/tracee.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum time_phase {
#define TIME_PHASE(name, json, title) TIME_##name,
#include "matr/time_phase.def"
#undef TIME_PHASE
	TIME_PHASES
};

enum time_variant { TIME_LAZY, TIME_NOW, TIME_MATR, TIME_VARIANTS };

extern const char *const time_variant_names[TIME_VARIANTS];

/* ---- a loader's file ---- */

#define TIME_SITES 4
#define TIME_CPUID_SITES 256

/* Link-time addresses; 0: not found. */
struct time_loader {
	uint64_t entry;
	uint64_t event;		    /* _dl_debug_state */
	uint64_t sites[TIME_SITES]; /* where it makes its first thread's pointer known: libraries
				       are mapped, nothing is relocated */
	uint64_t cpuid[TIME_CPUID_SITES];
	size_t cpuid_count;
};

/* What cannot be found is left out; negative only where the file cannot be read. */
int time_loader_read(struct time_loader *out, const char *path, struct err *e);

/* ---- what is timed ---- */

struct time_options {
	struct matr_options *matr;
	unsigned rounds;  /* 0: as many as TIME_ROUNDS and TIME_SECONDS allow */
	unsigned timeout; /* seconds for one start */
	bool to_exit;	  /* whole runs; else up to the program's entry */
	bool show_output;
	bool try; /* with an epoch of its own, in a store that goes away */
	char **argv;
};

/* From the program's mapping: what stock has to do at every start. */
struct time_counts {
	bool known;
	uint64_t libraries; /* without the program and ld.so */
	uint64_t symbolic;  /* relocations that name a symbol */
	uint64_t at_start;  /* of these, looked up before the program begins, without LD_BIND_NOW */
	uint64_t relative;
};

struct time_target {
	const struct time_options *options;
	struct arena arena;
	const char *path;    /* what is executed: a program or a script */
	const char *program; /* the ELF file behind it, canonical */
	bool is_static;
	bool eligible;	     /* the resolver sees no reason against an image */
	const char *shim;	   /* interpreter of the matr variant; NULL: there is none */
	const char *stock;	   /* interpreter of the others' copy; NULL: the file as it is */
	const char *store;	   /* for LD_MATR_STORE; NULL: the shim's default */
	const char *reason;	   /* a name of reason.def: why it takes the stock path; NULL: it does not */
	const char *sentence;	   /* the reason, for people */
	uint64_t epoch;		   /* 0: not through an epoch */
	const char *temporary;	   /* the store of `try`; NULL: none */
	struct time_counts counts;
	struct time_loader loader; /* stock's */
	uint64_t handover;	   /* link-time address in the shim */
};

/* Looks at everything but the path that the shim takes (time_run does). */
int time_target_open(struct time_target *t, const struct time_options *o, struct err *e);
void time_target_close(struct time_target *t);

/* Why the store has no image of the program, for a target whose start showed `no-image`. */
const char *time_target_detail(struct time_target *t);

/* The store's current epoch; 0: none. */
uint64_t time_target_epoch(const struct time_target *t);

/* ---- one start ---- */

enum time_what {
	TIME_SHOW_PATH = 1, /* traced to its entry; text is what the shim says, or its last word */
	TIME_WHOLE,	    /* nsec, faults, status */
	TIME_PARTS,	    /* phases with time and faults */
	TIME_CALLS,	    /* phases with system calls */
	TIME_CPUID,	    /* how many cpuid instructions ld.so executes */
};

struct time_part {
	bool known;
	uint64_t nsec;
	uint64_t minor, major; /* page faults */
	uint64_t calls;
};

struct time_start {
	int code; /* 0, or a negative errno value with text */
	enum tracee_outcome outcome; /* STOPPED: at the entry, where no more was wanted */
	int status;		     /* exit status, or signal */
	bool complete;		     /* it came as far as was wanted */
	uint64_t nsec;
	uint64_t minor, major;
	uint64_t cpuid;
	uint64_t stop_nsec; /* traced: what one stop cost in this start */
	struct time_part parts[TIME_PHASES];
	char text[ERR_TEXT_MAX];
};

/* What a server knows. */
struct time_server_facts {
	const struct time_target *target;
	char **environment[TIME_VARIANTS];
};

void time_traced(const struct time_server_facts *f, enum time_what what, enum time_variant v,
		 struct time_start *out);
void time_whole(const struct time_server_facts *f, enum time_variant v, struct time_start *out);

/* What one cpuid costs here. */
uint64_t time_cpuid_cost(void);

/* 0 of none. */
uint64_t time_median(const uint64_t *values, size_t count);

/* ---- servers ---- */

struct time_server {
	pid_t pid;
	int fd;
};

/* `interpreter`: that of the copy that the server's starts see; NULL: no view. */
int time_server_start(struct time_server *s, const struct time_target *t, const char *interpreter,
		      struct err *e);
/* Negative where the server failed, or the start could not be made. */
int time_server_ask(struct time_server *s, enum time_what what, enum time_variant v,
		    struct time_start *out, struct err *e);
void time_server_end(struct time_server *s);

/* ---- all of it ---- */

#define TIME_ROUNDS 25
#define TIME_SECONDS 20 /* no round begins later, unless their number was given */
#define TIME_ROUNDS_LEAST 5

/* Medians over the rounds. */
struct time_column {
	bool known;
	const char *why; /* not known: why, for people; NULL: nothing to say */
	enum tracee_outcome outcome;
	int status;
	uint64_t nsec, minor, major;
	struct time_part parts[TIME_PHASES];
	uint64_t cpuid;
};

struct time_result {
	unsigned rounds;
	struct time_column columns[TIME_VARIANTS];
	double ratio[TIME_VARIANTS]; /* median of a round's time over matr's; 0: none */
	uint64_t stop_nsec, cpuid_nsec;
	bool same_end; /* all variants ended in the same way */
};

int time_run(struct time_target *t, struct time_result *out, struct err *e);

/*
 * What the whole would take without its relocation phase: all that a mapping
 * could take away there.  0: not known.
 */
uint64_t time_without_relocation(const struct time_column *c);

void time_report(const struct time_target *t, const struct time_result *r);
void time_report_json(const struct time_target *t, const struct time_result *r);

#endif
