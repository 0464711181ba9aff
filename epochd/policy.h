/*
 * policy.h - /etc/matr.conf and STORE/matr.conf: which program gets which layout
 *
 * Described for people in matr.conf(5).  The rules are read once per epoch: the
 * built-in ones first, then /etc/matr.conf (below the root, where there is one),
 * then the store's own; the last rule whose pattern matches a program's canonical
 * path decides, and `epoch` where none does.  A missing file is an empty one; a file that
 * cannot be understood is an error that names it and the line, and no epoch is begun.
 *
 * A pattern is a shell pattern over the whole path, `*` matching slashes too.  The
 * folders before its first special character are followed through links first, so
 * /sbin/x means /usr/sbin/x where one leads to the other.
 */
#ifndef EPOCHD_POLICY_H
#define EPOCHD_POLICY_H

#include "common/arena.h"
#include "common/err.h"

#include <stddef.h>
#include <stdint.h>

#define POLICY_FILE "/etc/matr.conf"
#define POLICY_STORE_FILE "matr.conf"
#define POLICY_MAX_BYTES ((size_t)1 << 20)

enum policy_layout {
	POLICY_EPOCH, /* addresses of the epoch, pages shared */
	POLICY_EXEC,  /* addresses differ at every exec */
	POLICY_OFF,   /* no image */
	POLICY_LAYOUTS
};

struct policy_rule {
	const char *pattern;
	enum policy_layout layout;
	const char *source; /* "/etc/matr.conf:3", or "built in" */
};

struct policy {
	struct policy_rule *rules; /* owned, what they point to lies in the arena */
	size_t count, capacity;
	int override;              /* an enum policy_layout in place of epoch and exec; -1: none */
	struct arena arena;
};

struct policy_request {
	const char *root;      /* as in epoch_request; NULL: the system itself */
	const char *store_dir; /* NULL: no store's file */
	int override;          /* as in struct policy */
};

/* On failure nothing is to be released. */
int policy_read(struct policy *out, const struct policy_request *r, struct err *e);
void policy_release(struct policy *p);

enum policy_layout policy_for(const struct policy *p, const char *path);

/* Where the rule stands that decides over `path`: "/etc/matr.conf:3", "built in", "default". */
const char *policy_source(const struct policy *p, const char *path);

/* Equal for equal policies; 32 bits. */
uint32_t policy_hash(const struct policy *p);

/* "epoch", "exec", "off"; and back, -1: no such layout. */
const char *policy_layout_name(enum policy_layout layout);
int policy_layout_parse(const char *name);

#endif
