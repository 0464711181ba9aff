/*
 * wire.h - a resolved program as bytes, from a worker to the engine
 *
 * A worker (worker.h) may be anyone's by the time it answers.  So its answer holds only what the
 * engine cannot see for itself: which files make the closure, and which symbol of which member
 * answers each relocation.  All else - names, versions, addresses, the relocations themselves -
 * is taken from the engine's own copy of each object, and every answer must be a definition of
 * the very name that was asked for, of a kind that fits.  A worker that lies can at worst choose
 * another definition of the same name among the program's own libraries.
 *
 *	answer   u32 reason (or REASON_NONE), i32 code of resolve_program, u32 needs_path,
 *	         u32 members, denied, 0; text path; text detail; text sentence (code < 0);
 *	         then a text for each path that the worker's user may not look at
 *	member   identity (48), u64 object key, u32 requirer, found_by, is_loader, u32 bindings;
 *	         text path, request, found_in; then 12 bytes per binding:
 *	binding  u32 provider, u32 provider's symbol, u8 kind, u8 flags (1 absolute, 2 unique), u16 0
 *	text     u32 bytes or UINT32_MAX for none; the bytes
 *
 * In the order of the machine: both ends are one program.
 */
#ifndef EPOCHD_WIRE_H
#define EPOCHD_WIRE_H

#include "common/arena.h"
#include "common/err.h"
#include "common/mapping.h"
#include "matr-ld/resolve.h"

struct answer_head {
	uint32_t reason;
	int32_t code;
	uint32_t needs_path, members;
	uint32_t denied, zero;
};

struct answer {
	struct mapping mapping;
	int code;         /* as resolve_program returned it */
	const char *text;    /* code < 0: the sentence */
	const char **denied; /* paths that the worker's user may not look at */
	size_t denied_count;
};

/* Writes to `to`; the number of bytes, or 0 where `room` does not do. */
size_t wire_write(const struct answer *a, void *to, size_t room);

/*
 * Reads what a worker wrote; everything is put in the arena and owes nothing to `from`, which
 * must not change meanwhile.  `bindings`: they were asked for.  -EBADMSG: it is not as it must
 * be, and the sentence tells how; -ESTALE: a file is not the one that the worker saw.
 */
struct wire_reading {
	struct resolver *resolver;
	struct arena *arena;
	const void *from;
	size_t bytes;
	bool bindings;
};

int wire_read(const struct wire_reading *w, struct answer *out, struct err *e);

#endif
