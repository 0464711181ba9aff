/*
 * import.h - an epoch from what another machine found out
 *
 * Reads an artifact (export.h) from an OCI image layout and makes an epoch of it here: the closures
 * are found on this machine's files and compared, object by object, by path, build-id and content;
 * the tables are compared with the objects' relocations and symbols (matr-ld/confirm.h);
 * addresses are drawn, pages and images written here.  A program that does not agree is refused,
 * with the reason; nothing is resolved.
 *
 * The artifact is believed in one thing: which of several definitions of a name a program is
 * bound to.  So import what you would install packages from.  Everything else in it
 * is checked, bounded, and compared with its digest; a damaged one is an error, and changes nothing.
 *
 * Between reading and sealing the catalogue holds the artifact's mappings as an epoch that is
 * never published (EPOCH_IMPORTING); the commit that makes the new epoch takes it away, and
 * so does whatever comes next after a crash.
 */
#ifndef EPOCHD_IMPORT_H
#define EPOCHD_IMPORT_H

#include "epochd/engine.h"

struct import_request {
	const char *folder; /* the OCI image layout */
	const char *name;   /* of the artifact in it; NULL: the only one */
	struct epoch_request begin; /* how the epoch is begun; paths and import are set here */
};

struct import_result {
	struct epoch_result epoch;      /* refused programs are in it */
	uint64_t programs;              /* of the artifact */
	struct epoch_failure *missing;  /* programs that are not here at all */
	size_t missing_count;
};

/*
 * Takes and gives back the store's lock.  -ENODATA: no program of it is here as it was there, and
 * the current epoch stays; -EBADMSG: damaged, or no artifact of ours; -EPROTONOSUPPORT: of another
 * version.  On success: import_result_release.
 */
int epoch_import(struct store *s, const struct import_request *r, struct import_result *out,
		 struct err *e);
void import_result_release(struct import_result *r);

#endif
