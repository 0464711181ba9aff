/*
 * system_place.h - the loader's place in a system, and what stands there
 *
 * /lib64 of a system or of a root, and three names in it:
 *
 *	ld-linux-x86-64.so.2  LINK: what every program names
 *	matr-stock-loader     KEPT: what was there before: the same link, or where it was the
 *	                      loader's own file a copy.  It is there while system mode is wanted
 *	matr-new/             while it is being prepared; nobody looks there
 *
 * LINK is never missing and never half written: it is only ever replaced by rename.  Renaming
 * KEPT over LINK is the whole way back, so a rescue shell can do it, and a crash before or
 * after any step leaves a system that starts its programs.
 *
 * dpkg: where /lib64 is a link to usr/lib64, what a package ships as /usr/lib64/ld-linux-x86-64.so.2
 * is diverted to KEPT.  The spelling /lib64/ld-linux-x86-64.so.2 is not: libc6 from Debian 13 on
 * diverts it itself, and refuses to be installed where somebody else has
 * (docs/decisions/0016-system-mode.md).
 */
#ifndef MATR_SYSTEM_PLACE_H
#define MATR_SYSTEM_PLACE_H

#include "common/err.h"
#include "image/loader_path.h"

#include <limits.h>
#include <stdbool.h>

#define SYSTEM_LINK_NAME "ld-linux-x86-64.so.2"
#define SYSTEM_KEPT_NAME "matr-stock-loader"
#define SYSTEM_NEW_NAME "matr-new"

struct system_place {
	char root[PATH_MAX];   /* canonical; "": the system itself */
	char folder[PATH_MAX]; /* where /lib64 leads to, root removed: "/usr/lib64" */
	int fd;		       /* that folder */
};

enum system_link { SYSTEM_LINK_MISSING, SYSTEM_LINK_STOCK, SYSTEM_LINK_SHIM };

struct system_facts {
	enum system_link link;
	bool kept;	    /* KEPT is there */
	bool kept_leads;    /* and leads to a loader */
	bool may_divert;    /* there is a dpkg, and the spelling is ours to divert */
	bool diverted;	    /* by us */
	const char *loader; /* the real one, as loader_find() has it; NULL: none */
	enum loader_path first; /* where a shim in LINK's place should look first */
};

/* `root` NULL or "": the system itself.  With `lock` nobody else changes anything meanwhile. */
int system_place_open(struct system_place *p, const char *root, bool lock, struct err *e);
void system_place_close(struct system_place *p);

void system_look(const struct system_place *p, struct system_facts *out);

void system_look_at_dpkg(const struct system_place *p, struct system_facts *out); /* its part */

/* KEPT becomes, at once, what LINK is; where that is a shim already, KEPT is made good. */
int system_keep(const struct system_place *p, const struct system_facts *f, struct err *e);

/* Removes what an attempt has left behind: SYSTEM_NEW_NAME and the like. */
void system_sweep(const struct system_place *p);

/* The file `name` of SYSTEM_NEW_NAME, synced before, becomes LINK. */
int system_switch(const struct system_place *p, const char *name, struct err *e);

/* KEPT becomes LINK; where KEPT leads nowhere, a link to where the loader is. */
int system_back(const struct system_place *p, const struct system_facts *f, struct err *e);

/* Tells dpkg, if there is one and it has not been told. */
int system_divert(const struct system_place *p, bool on, struct err *e);

#endif
