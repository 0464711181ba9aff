/*
 * confirm.h - can these be the bindings of these objects?
 *
 * For a mapping that comes from elsewhere (epochd/import.h), with the objects of this machine in it.
 * Every binding must be one of a relocation that its object has, in the order in which the resolver
 * makes them; whatever it says that a provider provides, the provider must define under that
 * name, at that address and of that kind; what it leaves unbound must be weak, or lazy.  That is all
 * but one thing of what resolving finds out: *which* of several definitions of a name it is.
 *
 * No symbol is searched for in a scope, so it takes a part of the time.
 */
#ifndef MATR_LD_CONFIRM_H
#define MATR_LD_CONFIRM_H

#include "common/err.h"
#include "common/mapping.h"

/* One member's bindings; without BINDING_EXECUTABLE's values.  0, or -EBADMSG with a sentence. */
int confirm_member(const struct mapping *m, size_t member, struct err *e);

/* The values of BINDING_EXECUTABLE: each binding has one, and the executable defines it so. */
int confirm_fixups(const struct mapping *m, struct err *e);

#endif
