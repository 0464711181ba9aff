/*
 * findings.h - what changed, gathered program by program into a few lines
 *
 * An upgraded library concerns a thousand programs in the same way.  A finding is one sentence
 * for all of them: what is said (struct finding_words) names it, and programs and symbols are
 * counted, the first few of them listed.
 *
 *	struct findings f;
 *	findings_init(&f);
 *	findings_program(&f, "/usr/bin/git");
 *	struct finding *x = findings_say(&f, &(struct finding_words){...});
 *	finding_concerns(&f, x);
 *	finding_symbol(&f, x, "deflate", NULL);
 *	findings_list(&f, &arena, &out);
 *	findings_release(&f);
 *
 * A program is counted once for each finding.  For one thread at a time.
 */
#ifndef EPOCHD_FINDINGS_H
#define EPOCHD_FINDINGS_H

#include "cache/catalogue.h"
#include "common/map.h"

enum finding_kind {
#define FINDING(number, NAME, name, sentence) FINDING_##NAME = number,
#include "epochd/finding.def"
#undef FINDING
	FINDING_KINDS
};

const char *finding_name(unsigned kind);     /* "?" for what is no enum finding_kind */
const char *finding_sentence(unsigned kind);

#define FINDINGS_MOST 512 /* kept; worse ones first */
#define FINDING_LISTED 32 /* programs and symbols of each that are listed */

struct finding_words {
	enum finding_kind kind;
	unsigned reason;
	const char *subject, *requirer, *from, *to; /* as in struct catalogue_finding */
};

struct finding {
	struct catalogue_finding kept; /* strings in the arena of the findings */
	uint64_t hash;
	struct finding *next;
	struct map symbols; /* all of them, each once, by hash */
	uint64_t serial; /* of the last program that was counted */
};

struct findings {
	struct arena arena;
	struct finding **slots; /* by hash; owned */
	struct finding **all;   /* in the order in which they came; owned */
	size_t count, capacity, slot_count;
	const char *program; /* whose findings these are now; the caller's */
	uint64_t serial;
};

void findings_init(struct findings *f);
void findings_release(struct findings *f);

/* The finding of these words, made where it is new; owned by f. */
struct finding *findings_say(struct findings *f, const struct finding_words *words);

/* The next calls are about this program; the string must stay as long. */
void findings_program(struct findings *f, const char *path);

/* The finding concerns that program, and is about this symbol. */
void finding_concerns(struct findings *f, struct finding *x);
void finding_symbol(struct findings *f, struct finding *x, const char *name, const char *version);

/* Those that concern a program, in the order of finding.def and then of their weight. */
void findings_list(const struct findings *f, struct arena *a, struct catalogue_findings *out);

/* Sums over a list; symbols and libraries are counted once per finding, programs likewise. */
struct findings_totals {
	uint64_t broken, call_fails, repaired; /* programs; calls are symbols */
	uint64_t libraries_moved, providers_moved, shadowed, unshadowed;
};

struct findings_totals findings_total(const struct catalogue_findings *f);

#endif
