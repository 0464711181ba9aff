/*
 * system_try.h - does this shim start this system's programs?
 *
 * Asked before the loader's place is given to it.  The new file lies in SYSTEM_NEW_NAME beside
 * the loader, under the shim's name; copies of some of the system's programs, which name it as
 * their interpreter, lie there too and a store with an epoch of them.  Each is started as it
 * is, and then through the new file: on the stock path, with a variable that concerns the
 * loader, as a set-id program, and with LD_MATR_REQUIRE=1 on the fast path.  It must end in
 * the same way and write the same.  The new file as a program has to be the loader (ldd).
 *
 * Nothing of the system itself has changed then, whatever comes of it.
 */
#ifndef MATR_SYSTEM_TRY_H
#define MATR_SYSTEM_TRY_H

#include "common/buf.h"
#include "common/err.h"
#include "matr/system_place.h"

/* Makes SYSTEM_NEW_NAME anew, with the file in it, synced: MATR_SHIM_NAME. */
int system_new_file(const struct system_place *p, const struct system_facts *f,
		    const struct buf *file, struct err *e);

/* 0: it does.  -ENOEXEC: the sentence says which program did what instead. */
int system_try(const struct system_place *p, struct err *e);

#endif
