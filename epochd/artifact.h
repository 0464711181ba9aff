/*
 * artifact.h - bundles become layers, a configuration and a manifest in an OCI image layout
 *
 * The last step of an export.  Layers are in the order of the bundles, empty ones left out.
 */
#ifndef EPOCHD_ARTIFACT_H
#define EPOCHD_ARTIFACT_H

#include "common/buf.h"
#include "epochd/export.h"

struct artifact_request {
	const char *folder, *name;         /* as in struct export_request */
	const struct buf *tables, *programs; /* EXPORT_MAX_BUNDLES of each */
	struct export_result *result;      /* counts are read; blobs, bytes and digest are set */
};

int artifact_write(const struct artifact_request *r, struct err *e);

#endif
