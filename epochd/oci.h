/*
 * oci.h - a folder in the OCI image layout, and artifacts in it
 *
 *	DIR/oci-layout            says that it is one
 *	DIR/index.json            the artifacts, each by its name (org.opencontainers.image.ref.name)
 *	DIR/blobs/sha256/HEX      manifests, configurations and layers, by their content
 *
 * As the specification of the OCI has it, so that skopeo and every registry carry it, and rsync too.
 * Written: blobs first, each aside and renamed; index.json last, at once.  A blob that is there
 * is not written again.  Read: nothing is believed; a blob is bounded, and compared with its digest
 * before anybody sees it.
 */
#ifndef EPOCHD_OCI_H
#define EPOCHD_OCI_H

#include "common/buf.h"
#include "common/err.h"

#include <jansson.h>
#include <stdint.h>

#define OCI_DIGEST_BYTES 72                /* "sha256:", 64 hexadecimal digits, NUL */
#define OCI_MAX_JSON ((size_t)4 << 20)     /* of a manifest; what registries take */
#define OCI_MAX_BLOB ((size_t)256 << 20)

struct oci {
	int folder; /* owned; -1: none */
	const char *path; /* as given, for sentences; not owned */
};

/* What a manifest says of a blob. */
struct oci_blob {
	const char *media_type;
	char digest[OCI_DIGEST_BYTES];
	uint64_t bytes;
};

int oci_open(struct oci *o, const char *path, struct err *e);   /* to read: -ENOENT, -EBADMSG: none there */
int oci_create(struct oci *o, const char *path, struct err *e); /* to write: made where it is missing */
void oci_close(struct oci *o);

/* Keeps a blob; fills digest and bytes.  1: it is new, 0: it was there. */
int oci_put(struct oci *o, const struct buf *content, struct oci_blob *out, struct err *e);

/* Appends a blob's content to `out`; -EBADMSG: not what the digest says, -EFBIG: more than `max`. */
int oci_get(const struct oci *o, const struct oci_blob *b, size_t max, struct buf *out, struct err *e);

/* {"mediaType", "digest", "size"}: a new reference; and back: 0, or -EBADMSG. */
json_t *oci_describe(const struct oci_blob *b);
int oci_understand(const json_t *j, struct oci_blob *out, struct err *e);

/* An object as bytes that are the same for the same content. */
void oci_json_bytes(const json_t *j, struct buf *out);
/* And back: a new reference, or NULL.  `what` is named in the sentence. */
json_t *oci_json(const struct buf *b, const char *what, struct err *e);

/* Makes the artifact of this name be that manifest; blobs that only the one before named go. */
int oci_publish(struct oci *o, const char *name, const struct oci_blob *manifest, struct err *e);

/*
 * The manifest of this name; NULL: of the only artifact, or the only one that has a name (skopeo
 * takes the name off one that it replaces, and leaves it).  A new reference; its digest was
 * compared.  -ENOENT: there is no such name, or more than one to choose from; the sentence has them.
 */
int oci_find(const struct oci *o, const char *name, json_t **manifest, struct err *e);

#endif
