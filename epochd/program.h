/*
 * program.h - what an epoch remembers of one program while it is made
 */
#ifndef EPOCHD_PROGRAM_H
#define EPOCHD_PROGRAM_H

#include "epochd/policy.h"
#include "epochd/tables.h"

struct program_member {
	const struct object *object;
	struct table *table;  /* NULL: nothing was bound (the loader) */
	bool is_loader;
	bool asked_by_soname; /* the request that brought it in was its DT_SONAME */
	const char *request;  /* that request, in the requirer's DT_NEEDED; NULL: none, or not as there */
	uint32_t requirer;    /* member */
};

/* One BINDING_EXECUTABLE with its values. */
struct program_fixup {
	uint32_t member;
	uint64_t offset;  /* vaddr of the word in the member */
	uint64_t value;   /* vaddr in the executable, addend included */
};

struct program {
	char *path;            /* as found; canonical once resolved; owned */
	unsigned reason;       /* enum reason; 0: eligible */
	char *detail;          /* NULL: none; owned */
	bool published;        /* it gets an image */
	enum policy_layout layout;
	bool same;             /* nothing of it moved since the parent epoch */
	bool kept;             /* so record and image are taken over; object and members are not set */
	bool needs_path;       /* the key covers its path */
	uint32_t lazy_left;
	uint64_t key[2];
	const struct object *object; /* NULL: it could not even be parsed; else the key is set */
	struct program_member *members; /* [0] is the executable; owned */
	size_t member_count;
	struct program_fixup *fixups;   /* owned */
	size_t fixup_count;
	size_t lookups;        /* symbol lookups that stock does at start and an image saves */
	size_t lazy;           /* those that lazy binding does later, if the call is ever made */
	size_t bindings;       /* of all members together */
};

void program_release(struct program *p);

/*
 * Takes what a mapping says into `p`, its tables into `tables`; the mapping
 * may go afterwards.  keys[i] is the table key of member i.
 */
void program_take(struct program *p, const struct mapping *m, struct tables *tables,
		  const uint8_t (*keys)[TABLE_KEY_BYTES]);

#endif
