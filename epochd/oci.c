#include "epochd/oci.h"

#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sha256.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LAYOUT_TEXT "{\"imageLayoutVersion\":\"1.0.0\"}"
#define NAME_KEY "org.opencontainers.image.ref.name"
#define MANIFEST_TYPE "application/vnd.oci.image.manifest.v1+json"
#define BLOB_NAME_BYTES (sizeof("blobs/sha256/") + 64)

static int open_folder(struct oci *o, const char *path, struct err *e)
{
	o->path = path;
	o->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return o->folder < 0 ? err_sys(e, "cannot open '%s'", path) : 0;
}

void oci_close(struct oci *o)
{
	if (o->folder >= 0)
		close(o->folder);
	o->folder = -1;
}

int oci_open(struct oci *o, const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	const char *version;
	json_t *j = NULL;
	int ret = open_folder(o, path, e);

	if (ret == 0)
		ret = file_read(o->folder, "oci-layout", OCI_MAX_JSON, &text, e);
	if (ret == 0)
		j = oci_json(&text, "oci-layout", e);
	version = json_string_value(json_object_get(j, "imageLayoutVersion"));
	if (ret == 0 && (!version || strncmp(version, "1.", 2) != 0))
		ret = err_set(e, -EBADMSG, "its oci-layout names no version that is known");
	json_decref(j);
	buf_release(&text);
	if (ret < 0) {
		err_wrap(e, "'%s' is no OCI image layout: ", path);
		oci_close(o);
	}
	return ret;
}

static int put_file(const struct oci *o, const char *name, const void *data, size_t bytes,
		    struct err *e)
{
	return file_replace(&(struct file_replace){.dirfd = o->folder,
						   .name = name,
						   .data = data,
						   .bytes = bytes,
						   .mode = 0644},
			    e);
}

int oci_create(struct oci *o, const char *path, struct err *e)
{
	static const char *const folders[] = {"blobs", "blobs/sha256"};
	int ret = file_mkdirs(path, 0755, e);

	if (ret == 0)
		ret = open_folder(o, path, e);
	for (int i = 0; ret == 0 && i < 2; i++)
		if (mkdirat(o->folder, folders[i], 0755) < 0 && errno != EEXIST)
			ret = err_sys(e, "cannot make '%s/%s'", path, folders[i]);
	if (ret == 0)
		ret = put_file(o, "oci-layout", LAYOUT_TEXT, strlen(LAYOUT_TEXT), e);
	return ret;
}

/* ---- blobs ---- */

static void digest_of(const struct buf *content, char out[OCI_DIGEST_BYTES])
{
	uint8_t sum[SHA256_DIGEST_LENGTH];
	SHA2_CTX context;

	SHA256Init(&context);
	SHA256Update(&context, (const uint8_t *)content->data, content->used);
	SHA256Final(sum, &context);
	memcpy(out, "sha256:", 7);
	for (int i = 0; i < SHA256_DIGEST_LENGTH; i++)
		sprintf(out + 7 + 2 * i, "%02x", sum[i]);
}

static void blob_name(const char *digest, char name[BLOB_NAME_BYTES])
{
	snprintf(name, BLOB_NAME_BYTES, "blobs/sha256/%.64s", digest + 7);
}

int oci_put(struct oci *o, const struct buf *content, struct oci_blob *out, struct err *e)
{
	char name[BLOB_NAME_BYTES];
	struct stat st;
	int ret;

	digest_of(content, out->digest);
	out->bytes = content->used;
	blob_name(out->digest, name);
	if (fstatat(o->folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	    (uint64_t)st.st_size == content->used)
		return 0;
	ret = put_file(o, name, content->data, content->used, e);
	return ret < 0 ? ret : 1;
}

int oci_get(const struct oci *o, const struct oci_blob *b, size_t max, struct buf *out, struct err *e)
{
	char name[BLOB_NAME_BYTES], digest[OCI_DIGEST_BYTES];
	struct buf content = BUF_INIT;
	int ret;

	if (b->bytes > max)
		return err_set(e, -EFBIG, "the blob %s has %llu bytes, more than %zu", b->digest,
			       (unsigned long long)b->bytes, max);
	blob_name(b->digest, name);
	ret = file_read(o->folder, name, b->bytes ? b->bytes : 1, &content, e);
	if (ret < 0)
		return err_wrap(e, "'%s': ", o->path);
	digest_of(&content, digest);
	if (content.used != b->bytes || strcmp(digest, b->digest) != 0)
		ret = err_set(e, -EBADMSG, "'%s': the blob %s is damaged", o->path, b->digest);
	else
		buf_put(out, content.data, content.used);
	buf_release(&content);
	return ret;
}

json_t *oci_describe(const struct oci_blob *b)
{
	return json_pack("{s:s, s:s, s:I}", "mediaType", b->media_type, "digest", b->digest, "size",
			 (json_int_t)b->bytes);
}

static bool is_digest(const char *s)
{
	return s && strlen(s) == OCI_DIGEST_BYTES - 1 && strncmp(s, "sha256:", 7) == 0 &&
	       strspn(s + 7, "0123456789abcdef") == 64;
}

int oci_understand(const json_t *j, struct oci_blob *out, struct err *e)
{
	const char *digest = json_string_value(json_object_get(j, "digest"));
	const char *type = json_string_value(json_object_get(j, "mediaType"));
	const json_t *size = json_object_get(j, "size");

	if (!is_digest(digest) || !type || !json_is_integer(size) || json_integer_value(size) < 0)
		return err_set(e, -EBADMSG, "a descriptor has no sha256 digest, size and media type");
	*out = (struct oci_blob){.media_type = type, .bytes = (uint64_t)json_integer_value(size)};
	strcpy(out->digest, digest);
	return 0;
}

/* ---- JSON ---- */

void oci_json_bytes(const json_t *j, struct buf *out)
{
	char *text = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS);

	buf_puts(out, text ? text : "");
	free(text);
}

json_t *oci_json(const struct buf *b, const char *what, struct err *e)
{
	json_error_t why;
	json_t *j = json_loadb(b->data ? b->data : "", b->used, JSON_REJECT_DUPLICATES, &why);

	if (json_is_object(j))
		return j;
	if (j)
		err_set(e, -EBADMSG, "%s is not a JSON object", what);
	else
		err_set(e, -EBADMSG, "%s is not JSON: %s", what, why.text);
	json_decref(j);
	return NULL;
}

/* ---- the index ---- */

/* A new reference; an empty one where there is no file yet and that may be. */
static int read_index(const struct oci *o, bool may_miss, json_t **out, struct err *e)
{
	struct buf text = BUF_INIT;
	int ret = file_read(o->folder, "index.json", OCI_MAX_JSON, &text, e);

	*out = NULL;
	if (ret == -ENOENT && may_miss) {
		*out = json_pack("{s:i, s:[]}", "schemaVersion", 2, "manifests");
		return 0;
	}
	if (ret == 0)
		*out = oci_json(&text, "index.json", e);
	buf_release(&text);
	if (ret == 0 && *out && !json_is_array(json_object_get(*out, "manifests"))) {
		json_decref(*out);
		*out = NULL;
		err_set(e, -EBADMSG, "index.json lists no manifests");
	}
	if (*out)
		return 0;
	return err_wrap(e, "'%s': ", o->path);
}

static const char *name_of(const json_t *entry)
{
	const char *name =
		json_string_value(json_object_get(json_object_get(entry, "annotations"), NAME_KEY));

	return name ? name : "";
}

static int read_manifest(const struct oci *o, const json_t *entry, json_t **out, struct err *e)
{
	struct buf text = BUF_INIT;
	struct oci_blob blob;
	int ret = oci_understand(entry, &blob, e);

	*out = NULL;
	if (ret == 0)
		ret = oci_get(o, &blob, OCI_MAX_JSON, &text, e);
	if (ret == 0)
		*out = oci_json(&text, "the manifest", e);
	buf_release(&text);
	return ret < 0 ? ret : *out ? 0 : -EBADMSG;
}

static size_t count_named(const json_t *all)
{
	const json_t *entry;
	size_t i, n = 0;

	json_array_foreach(all, i, entry)
		n += *name_of(entry) != 0;
	return n;
}

int oci_find(const struct oci *o, const char *name, json_t **manifest, struct err *e)
{
	const json_t *entry, *found = NULL;
	struct buf names = BUF_INIT;
	json_t *index, *all;
	size_t i, matches = 0, named;
	int ret = read_index(o, false, &index, e);

	if (ret < 0)
		return ret;
	all = json_object_get(index, "manifests");
	named = count_named(all);
	json_array_foreach(all, i, entry) {
		buf_printf(&names, "%s'%.100s'", i ? ", " : "", name_of(entry));
		if (name ? strcmp(name, name_of(entry)) != 0 : named && !*name_of(entry))
			continue;
		found = entry;
		matches++;
	}
	if (matches == 1 && (ret = read_manifest(o, found, manifest, e)) < 0)
		err_wrap(e, "'%s': the artifact: ", o->path);
	else if (matches == 1)
		ret = 0;
	else if (names.used)
		ret = err_set(e, -ENOENT, "'%s' has %s: %.500s", o->path,
			      name ? "no such name" : "more than one artifact", names.data);
	else
		ret = err_set(e, -ENOENT, "'%s' holds no artifact", o->path);
	buf_release(&names);
	json_decref(index);
	return ret;
}

/* ---- what a name meant before ---- */

static void collect(const struct oci *o, const json_t *entry, json_t *digests)
{
	const json_t *layer, *config;
	const char *digest;
	json_t *manifest;
	size_t i;

	digest = json_string_value(json_object_get(entry, "digest"));
	if (digest)
		json_object_set_new(digests, digest, json_true());
	if (read_manifest(o, entry, &manifest, NULL) < 0)
		return;
	config = json_object_get(manifest, "config");
	digest = json_string_value(json_object_get(config, "digest"));
	if (digest)
		json_object_set_new(digests, digest, json_true());
	json_array_foreach(json_object_get(manifest, "layers"), i, layer) {
		digest = json_string_value(json_object_get(layer, "digest"));
		if (digest)
			json_object_set_new(digests, digest, json_true());
	}
	json_decref(manifest);
}

static void remove_unused(const struct oci *o, json_t *old, const json_t *index)
{
	json_t *used = json_object();
	char name[BLOB_NAME_BYTES];
	const json_t *entry;
	const char *digest;
	json_t *unused;
	size_t i;

	json_array_foreach(json_object_get(index, "manifests"), i, entry)
		collect(o, entry, used);
	json_object_foreach(old, digest, unused) {
		if (json_object_get(used, digest) || !is_digest(digest))
			continue;
		blob_name(digest, name);
		unlinkat(o->folder, name, 0);
	}
	json_decref(used);
}

/* Takes the artifacts of this name off the index, and notes what they consist of. */
static void take_off(const struct oci *o, json_t *index, const char *name, json_t *digests)
{
	json_t *all = json_object_get(index, "manifests");

	for (size_t i = json_array_size(all); i--;) {
		const json_t *entry = json_array_get(all, i);

		if (strcmp(name_of(entry), name) != 0)
			continue;
		collect(o, entry, digests);
		json_array_remove(all, i);
	}
}

int oci_publish(struct oci *o, const char *name, const struct oci_blob *manifest, struct err *e)
{
	struct oci_blob blob = *manifest;
	struct buf text = BUF_INIT;
	json_t *index, *entry, *old;
	int ret = read_index(o, true, &index, e);

	if (ret < 0)
		return ret;
	old = json_object();
	take_off(o, index, name, old);
	blob.media_type = MANIFEST_TYPE;
	entry = oci_describe(&blob);
	json_object_set_new(entry, "annotations", json_pack("{s:s}", NAME_KEY, name));
	json_array_append_new(json_object_get(index, "manifests"), entry);
	oci_json_bytes(index, &text);
	ret = put_file(o, "index.json", text.data, text.used, e);
	if (ret == 0)
		remove_unused(o, old, index);
	buf_release(&text);
	json_decref(old);
	json_decref(index);
	return ret;
}
