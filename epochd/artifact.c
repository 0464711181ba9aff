#include "epochd/artifact.h"

#include "cache/transfer.h"
#include "epochd/bundle.h"
#include "epochd/making.h"
#include "epochd/oci.h"

#include <errno.h>
#include <string.h>

struct artifact {
	struct oci *folder;
	struct export_result *result;
	json_t *layers;
};

static int put_blob(struct artifact *a, const struct buf *content, struct oci_blob *blob,
		    struct err *e)
{
	int ret;

	ret = oci_put(a->folder, content, blob, e);
	if (ret < 0)
		return ret;
	a->result->blobs++;
	a->result->bytes += content->used;
	a->result->new_blobs += ret > 0;
	a->result->new_bytes += ret > 0 ? content->used : 0;
	return 0;
}

static int put_layers(struct artifact *a, const struct buf *bundles, const char *type, struct err *e)
{
	struct oci_blob blob = {.media_type = type};
	struct buf packed = BUF_INIT;
	int ret = 0;

	for (uint32_t i = 0; ret == 0 && i < EXPORT_MAX_BUNDLES; i++) {
		if (!bundles[i].used || bundles[i].used == 16)
			continue;
		ret = bundle_pack(&bundles[i], &packed, e);
		if (ret == 0)
			ret = put_blob(a, &packed, &blob, e);
		if (ret == 0)
			json_array_append_new(a->layers, oci_describe(&blob));
	}
	buf_release(&packed);
	return ret;
}

static int put_json(struct artifact *a, json_t *j, struct oci_blob *blob, struct err *e)
{
	struct buf text = BUF_INIT;
	int ret;

	oci_json_bytes(j, &text);
	ret = text.used > OCI_MAX_JSON ? err_set(e, -EFBIG, "the manifest would be too large")
				       : put_blob(a, &text, blob, e);
	json_decref(j);
	buf_release(&text);
	return ret;
}

static json_t *configuration(const struct export_result *r)
{
	return json_pack("{s:i, s:s, s:i, s:i, s:i, s:I, s:I, s:I}", "schema", 1, "architecture",
			 "x86-64", "engine", ENGINE_VERSION, "records", TRANSFER_VERSION, "bundle",
			 (int)BUNDLE_VERSION, "programs", (json_int_t)r->programs, "objects",
			 (json_int_t)r->objects, "tables", (json_int_t)r->tables);
}

static int put_manifest(struct artifact *a, const char *name, struct err *e)
{
	struct oci_blob config = {.media_type = EXPORT_CONFIG}, manifest = {0};
	int ret = put_json(a, configuration(a->result), &config, e);

	if (ret == 0)
		ret = put_json(a,
			       json_pack("{s:i, s:s, s:s, s:o, s:O}", "schemaVersion", 2,
					 "mediaType", "application/vnd.oci.image.manifest.v1+json",
					 "artifactType", EXPORT_ARTIFACT, "config",
					 oci_describe(&config), "layers", a->layers),
			       &manifest, e);
	if (ret < 0)
		return ret;
	strcpy(a->result->digest, manifest.digest);
	return oci_publish(a->folder, name, &manifest, e);
}

int artifact_write(const struct artifact_request *r, struct err *e)
{
	struct oci folder = {.folder = -1};
	struct artifact a = {.folder = &folder, .result = r->result, .layers = json_array()};
	int ret = oci_create(&folder, r->folder, e);

	if (ret == 0)
		ret = put_layers(&a, r->tables, EXPORT_TABLES, e);
	if (ret == 0)
		ret = put_layers(&a, r->programs, EXPORT_PROGRAMS, e);
	if (ret == 0)
		ret = put_manifest(&a, r->name, e);
	json_decref(a.layers);
	oci_close(&folder);
	return ret;
}
