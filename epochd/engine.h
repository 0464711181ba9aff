/*
 * engine.h - one epoch, from paths to `current`
 *
 * epoch_begin() is the whole of management time in one call: find the
 * programs, resolve them on all cores, lay out, materialise, write images, seal,
 * commit, switch.  It needs no daemon; the daemon calls the same function.
 *
 * Until the switch nothing that a process can see has changed.  On any error,
 * a full disk included, the old epoch stays current.
 */
#ifndef EPOCHD_ENGINE_H
#define EPOCHD_ENGINE_H

#include "cache/catalogue.h"
#include "cache/store.h"
#include "epochd/parallel.h"
#include "epochd/roots.h"

/*
 * Below this number of lookups that stock makes at start, an image costs about what it
 * saves; measured, see docs/decisions/0006-small-programs.md.  Where a cpuid
 * instruction takes longer than ENGINE_CPUID_TRAPS, it traps to a hypervisor: then an image
 * pays for every program, for ld.so executes some seventy of them (docs/decisions/0008-cpuid.md).
 */
#define ENGINE_CPUID_TRAPS 500 /* nanoseconds */
#define ENGINE_MIN_LOOKUPS 300
#define ENGINE_LAZY_WEIGHT 10 /* so many calls that bind lazily count as one lookup at start */

enum epoch_layout {
	EPOCH_LAYOUT_POLICY, /* as matr.conf says (policy.h) */
	EPOCH_LAYOUT_EPOCH,  /* one for all, but for what matr.conf switches off */
	EPOCH_LAYOUT_EXEC,
};

/* How files are recognised at exec; a store is of one kind as long as it lasts. */
enum epoch_identity {
	EPOCH_IDENTITY_STORE, /* as the store is; a new one is local */
	EPOCH_IDENTITY_LOCAL,
	EPOCH_IDENTITY_PORTABLE,
};

/*
 * What changed since the last epoch (findings.h), told while that is still the current one: also
 * where nothing did, but not where the result is `unchanged`.
 */
typedef void epoch_report_fn(void *context, const struct catalogue_findings *f);

struct epoch_request {
	const char *const *paths; /* programs and folders; NULL with path_count 0: the store's roots */
	size_t path_count;
	const char *root;         /* folder that is taken for /; NULL: the system itself */
	bool has_least;           /* false: ENGINE_MIN_LOOKUPS, or 0 where cpuid traps */
	uint32_t least;           /* lookups at start that make an image worthwhile */
	bool force;               /* a new epoch in any case, and everything resolved anew */
	bool rekey;               /* a new epoch in any case, with new addresses for everything */
	enum epoch_layout layout;
	enum epoch_identity identity;
	bool check;               /* look only: the store stays as it is, and need not be writable */
	epoch_report_fn *report;  /* before anything is sealed; may be NULL */
	void *report_context;
	uint64_t import;          /* 0; else the epoch of the catalogue whose mappings are to be used (import.h) */
	const char *note;         /* kept with the epoch; NULL: none */
	unsigned threads;         /* 0: one per processor */
	progress_fn *progress;    /* may be NULL */
	void *progress_context;
};

/* A program that does not start as things are. */
struct epoch_failure {
	const char *path;
	unsigned reason;
	const char *detail;
};

struct epoch_result {
	struct catalogue_epoch epoch; /* number, counts, times, findings; with `check`: as it would be */
	bool unchanged;               /* nothing had changed: the number is the old epoch's */
	struct epoch_failure *failures;
	size_t failure_count;
	struct epoch_failure *refused; /* import: programs that are not what the artifact has */
	size_t refused_count;
	size_t unreadable;            /* folders and files that could not be looked at */
	const char *exposed;          /* what of the workers' sandbox is missing; NULL: nothing */
	struct arena arena;           /* holds all of the above */
};


/* Takes and gives back the store's lock (`check` takes none).  The result is the caller's: epoch_result_release. */
int epoch_begin(struct store *s, const struct epoch_request *r, struct epoch_result *out,
		struct err *e);
void epoch_result_release(struct epoch_result *r);

#endif
