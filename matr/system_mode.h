/*
 * system_mode.h - all of a system's programs through the shim, and back again
 *
 * Enabling: look, make the new file, try it, then dpkg's diversion, KEPT, and one rename
 * (system_place.h).  Nothing that a process can see changes before that rename.
 *
 * Refreshing puts right what packages have changed since: libc6 has put its own link back, or
 * there is another loader or another shim.  Without system mode, or where all is as it
 * should be, it only looks.  Where the new file fails its trial, system mode is given up:
 * the loader's own link is right in any case.
 */
#ifndef MATR_SYSTEM_MODE_H
#define MATR_SYSTEM_MODE_H

#include "matr/system_place.h"

#include <stdbool.h>

struct system_mode {
	struct system_place place;
	const char *shim; /* path inside the root; NULL: MATR_INSTALLED_SHIM */
};

enum system_state {
	SYSTEM_OFF,   /* nothing of it is there */
	SYSTEM_ON,    /* LINK is what it should be */
	SYSTEM_STALE, /* wanted, and something has to be put right: refresh */
};

/* What there is, and the state that it amounts to.  Negative: it cannot be told. */
int system_state(const struct system_mode *m, struct system_facts *f, enum system_state *out,
		 struct err *e);

/* All take the place locked. */
int system_enable(const struct system_mode *m, struct err *e);
int system_refresh(const struct system_mode *m, bool *changed, struct err *e);
int system_disable(const struct system_mode *m, bool *changed, struct err *e);

/*
 * cmd_system.c: for commands that run when packages have changed: refreshes this system, if
 * it is root who asks and the store is the system's; says what came of it, which is no
 * reason to fail.
 */
struct matr_options;
void system_refresh_here(const struct matr_options *o);

#endif
