/*
 * export.h - an epoch as an artifact that other machines can import
 *
 * What an epoch *found out* goes into it: of each program the closure and the bindings, by content
 * (object keys, build-ids).  What it made of that does not: addresses, pages and images are the
 * importing machine's own (import.h), so that machines of a fleet do not share addresses, and
 * what moves is a tenth.
 *
 * The artifact is an OCI manifest with layers of two types, bundles (bundle.h) of tables and of
 * programs, compressed with zstd.  No time, number, host or path of the store is in it: the same epoch exported from the same
 * store has the same digest.
 */
#ifndef EPOCHD_EXPORT_H
#define EPOCHD_EXPORT_H

#include "cache/store.h"
#include "common/err.h"

#include <stddef.h>
#include <stdint.h>

#define EXPORT_ARTIFACT "application/vnd.matr.epoch.v1"
#define EXPORT_CONFIG "application/vnd.matr.epoch.config.v1+json"
#define EXPORT_TABLES "application/vnd.matr.epoch.tables.v1+zstd"
#define EXPORT_PROGRAMS "application/vnd.matr.epoch.programs.v1+zstd"

#define EXPORT_MAX_BUNDLES 256u /* of each type */

struct export_request {
	uint64_t epoch;
	const char *folder; /* the OCI image layout; made where it is missing */
	const char *name;   /* of the artifact in it */
};

struct export_result {
	uint64_t programs, objects, tables;
	uint64_t blobs, bytes;         /* of the artifact: manifest, configuration, layers; compressed */
	uint64_t new_blobs, new_bytes; /* those that the folder did not have */
	char digest[72];               /* of the manifest */
};

/* -ENODATA: the epoch has no program that could be exported. */
int epoch_export(struct store *s, const struct export_request *r, struct export_result *out,
		 struct err *e);

#endif
