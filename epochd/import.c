#include "epochd/import.h"

#include "cache/transfer.h"
#include "epochd/bundle.h"
#include "epochd/export.h"
#include "epochd/making.h"
#include "epochd/oci.h"
#include "image/reason.h"
#include "matr-ld/root.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LAYERS (2 * EXPORT_MAX_BUNDLES)

struct object_here {
	struct catalogue_object object;
	struct object_here *next; /* in its bucket */
};

#define OBJECT_BUCKETS 8192u

struct importer {
	struct store *store;
	const struct import_request *request;
	struct import_result *result;
	struct oci folder;
	struct catalogue_write *write;
	uint64_t number;             /* of the record */
	struct arena arena;          /* objects and paths */
	struct object_here *objects[OBJECT_BUCKETS];
	const char **paths;          /* programs of the artifact that are here */
	size_t path_count, path_capacity;
	size_t missing_capacity;
};

static int damaged(const struct importer *i, const char *what, struct err *e)
{
	return err_set(e, -EBADMSG, "'%s': %s is damaged", i->request->folder, what);
}

/* ---- objects ---- */

static const struct object_here *find_object(const struct importer *i, uint64_t key)
{
	const struct object_here *o = i->objects[key % OBJECT_BUCKETS];

	while (o && o->object.object_key != key)
		o = o->next;
	return o;
}

static int take_object(struct importer *i, struct record *item, struct err *e)
{
	struct object_here *o = arena_alloc(&i->arena, sizeof(*o));
	const uint8_t *build_id;

	o->object.object_key = record_u64(item);
	o->object.identity.size = record_u64(item);
	o->object.build_id_bytes = record_u32(item);
	build_id = record_bytes(item, sizeof(o->object.build_id));
	if (build_id)
		memcpy(o->object.build_id, build_id, sizeof(o->object.build_id));
	o->object.path = record_sized(item, &i->arena);
	o->object.soname = record_sized(item, &i->arena);
	o->object.search_path = record_sized(item, &i->arena);
	if (item->bad || !o->object.path || !o->object.object_key ||
	    o->object.build_id_bytes > sizeof(o->object.build_id))
		return damaged(i, "an object", e);
	if (!find_object(i, o->object.object_key)) {
		o->next = i->objects[o->object.object_key % OBJECT_BUCKETS];
		i->objects[o->object.object_key % OBJECT_BUCKETS] = o;
	}
	return 0;
}

/* ---- tables, each with its base, which is in the same bundle ---- */

struct table_list {
	struct transfer_table *at;
	size_t count, capacity;
};

static int by_key(const void *a, const void *b)
{
	return memcmp(((const struct transfer_table *)a)->key,
		      ((const struct transfer_table *)b)->key, TABLE_KEY_BYTES);
}

static int take_table(struct importer *i, struct record *item, struct table_list *list,
		      struct err *e)
{
	const uint8_t *key = record_bytes(item, TABLE_KEY_BYTES);
	struct transfer_table t = {.bytes = item->at, .size = (size_t)(item->end - item->at)};

	if (!key)
		return damaged(i, "a table", e);
	memcpy(t.key, key, TABLE_KEY_BYTES);
	if (!transfer_find_base(&t))
		return damaged(i, "a table", e);
	list->at = array_grow(list->at, list->count, &list->capacity, sizeof(*list->at));
	list->at[list->count++] = t;
	return 0;
}

static int put_tables(struct importer *i, struct table_list *list, struct err *e)
{
	int ret = 0;

	if (list->count)
		qsort(list->at, list->count, sizeof(*list->at), by_key);
	for (size_t k = 0; ret == 0 && k < list->count; k++) {
		struct transfer_table wanted;

		memcpy(wanted.key, list->at[k].base, TABLE_KEY_BYTES);
		ret = transfer_put_table(i->write, &list->at[k],
					 bsearch(&wanted, list->at, list->count,
						 sizeof(*list->at), by_key),
					 e);
	}
	return ret < 0 ? err_wrap(e, "'%s': ", i->request->folder) : 0;
}

static int take_string(struct importer *i, struct record *item, struct err *e)
{
	size_t bytes = (size_t)(item->end - item->at);
	char *s;
	int ret;

	if (memchr(item->at, 0, bytes))
		return damaged(i, "a string", e);
	s = xmalloc(bytes + 1);
	memcpy(s, item->at, bytes);
	s[bytes] = 0;
	ret = transfer_put_string(i->write, s, e);
	free(s);
	return ret;
}

static int take_tables(struct importer *i, struct record *r, struct err *e)
{
	struct table_list list = {0};
	struct record item;
	uint32_t tag;
	int ret = 0;

	while (ret == 0 && bundle_next(r, &tag, &item)) {
		if (tag == BUNDLE_OBJECT)
			ret = take_object(i, &item, e);
		else if (tag == BUNDLE_STRING)
			ret = take_string(i, &item, e);
		else if (tag == BUNDLE_TABLE)
			ret = take_table(i, &item, &list, e);
		else
			ret = damaged(i, "a bundle of tables", e);
	}
	if (ret == 0 && r->bad)
		ret = damaged(i, "a bundle of tables", e);
	if (ret == 0)
		ret = put_tables(i, &list, e);
	free(list.at);
	return ret;
}

/* ---- programs ---- */

struct program_item {
	struct mapping mapping;
	uint8_t (*keys)[TABLE_KEY_BYTES];
	struct arena arena;
};

static bool read_member(struct importer *i, struct record *r, struct program_item *p, size_t k)
{
	const struct object_here *o = find_object(i, record_u64(r));
	const uint8_t *key = record_bytes(r, TABLE_KEY_BYTES);
	struct member *m = &p->mapping.members[k];

	if (!o || !key)
		return false;
	memcpy(p->keys[k], key, TABLE_KEY_BYTES);
	*m = (struct member){.path = o->object.path,
			     .soname = o->object.soname,
			     .search_path = o->object.search_path,
			     .identity = o->object.identity,
			     .object_key = o->object.object_key,
			     .build_id_bytes = o->object.build_id_bytes};
	memcpy(m->build_id, o->object.build_id, sizeof(m->build_id));
	m->requirer = record_u32(r);
	m->found_by = record_u32(r);
	m->is_loader = record_u32(r) != 0;
	m->request = record_sized(r, &p->arena);
	m->found_in = record_sized(r, &p->arena);
	return !r->bad && m->requirer < p->mapping.member_count;
}

static bool read_program(struct importer *i, struct record *r, struct program_item *p)
{
	size_t members = bundle_count(r, 44), fixups = bundle_count(r, 16);
	struct mapping *m = &p->mapping;

	m->path = record_sized(r, &p->arena);
	if (r->bad || !m->path || m->path[0] != '/' || strlen(m->path) >= CATALOGUE_PATH_MAX ||
	    !members || members > MATR_MAX_MEMBERS || fixups > (size_t)(r->end - r->at) / 16)
		return false;
	m->members = arena_alloc(&p->arena, members * sizeof(*m->members));
	m->member_count = members;
	p->keys = arena_alloc(&p->arena, members * sizeof(*p->keys));
	for (size_t k = 0; k < members; k++)
		if (!read_member(i, r, p, k))
			return false;
	m->fixups = arena_alloc(&p->arena, fixups * sizeof(*m->fixups));
	m->fixup_count = fixups;
	for (size_t k = 0; k < fixups; k++) {
		m->fixups[k].member = record_u32(r);
		m->fixups[k].binding = record_u32(r);
		m->fixups[k].value = record_u64(r);
		if (m->fixups[k].member >= members)
			return false;
	}
	return !r->bad && r->at == r->end;
}

static void note_missing(struct importer *i, const char *path)
{
	struct import_result *out = i->result;

	out->missing = array_grow(out->missing, out->missing_count, &i->missing_capacity,
				  sizeof(*out->missing));
	out->missing[out->missing_count++] = (struct epoch_failure){
		.path = arena_strdup(&out->epoch.arena, path),
		.reason = REASON_IMPORT_DIFFERS,
		.detail = "it is not here"};
}

static int keep_program(struct importer *i, const struct program_item *p, struct err *e)
{
	const char *root = i->request->begin.root;
	struct stat st;

	i->result->programs++;
	if (root_stat(root ? root : "", p->mapping.path, &st) < 0) {
		note_missing(i, p->mapping.path);
		return 0;
	}
	i->paths = array_grow(i->paths, i->path_count, &i->path_capacity, sizeof(*i->paths));
	i->paths[i->path_count++] = arena_strdup(&i->arena, p->mapping.path);
	return catalogue_put_mapping(i->write,
				     &(struct catalogue_put){.epoch = i->number,
							     .mapping = &p->mapping,
							     .table_keys = (const uint8_t (*)[TABLE_KEY_BYTES])p->keys},
				     e);
}

static int take_programs(struct importer *i, struct record *r, struct err *e)
{
	struct record item;
	uint32_t tag;
	int ret = 0;

	while (ret == 0 && bundle_next(r, &tag, &item)) {
		struct program_item p = {0};

		if (tag != BUNDLE_PROGRAM || !read_program(i, &item, &p))
			ret = damaged(i, "a program", e);
		else
			ret = keep_program(i, &p, e);
		arena_release(&p.arena);
	}
	return ret == 0 && r->bad ? damaged(i, "a bundle of programs", e) : ret;
}

/* ---- the artifact ---- */

static int take_layer(struct importer *i, const struct oci_blob *blob, struct err *e)
{
	struct buf packed = BUF_INIT, content = BUF_INIT;
	struct record r;
	int ret = oci_get(&i->folder, blob, OCI_MAX_BLOB, &packed, e);

	if (ret == 0)
		ret = bundle_unpack(&packed, &content, e);
	buf_release(&packed);
	if (ret < 0) {
		buf_release(&content);
		return ret;
	}
	if (!bundle_open(&r, &content))
		ret = damaged(i, "the beginning of a bundle", e);
	else
		ret = strcmp(blob->media_type, EXPORT_TABLES) == 0 ? take_tables(i, &r, e)
								   : take_programs(i, &r, e);
	buf_release(&content);
	return ret;
}

/* Programs name objects, so the tables' layers come first, in whatever order they are listed. */
static int take_layers(struct importer *i, const json_t *layers, const char *type, struct err *e)
{
	struct oci_blob blob;
	const json_t *j;
	int ret = 0;
	size_t k;

	json_array_foreach(layers, k, j) {
		ret = oci_understand(j, &blob, e);
		if (ret == 0 && strcmp(blob.media_type, EXPORT_TABLES) != 0 &&
		    strcmp(blob.media_type, EXPORT_PROGRAMS) != 0)
			ret = err_set(e, -EPROTONOSUPPORT, "'%s' has a layer of type '%.100s'",
				      i->request->folder, blob.media_type);
		if (ret == 0 && strcmp(blob.media_type, type) == 0)
			ret = take_layer(i, &blob, e);
		if (ret < 0)
			break;
	}
	return ret;
}

static bool has_number(const json_t *j, const char *name, json_int_t want)
{
	return json_integer_value(json_object_get(j, name)) == want;
}

static int check_configuration(struct importer *i, const json_t *manifest, struct err *e)
{
	struct oci_blob blob;
	struct buf text = BUF_INIT;
	json_t *j = NULL;
	int ret = oci_understand(json_object_get(manifest, "config"), &blob, e);

	if (ret == 0 && strcmp(blob.media_type, EXPORT_CONFIG) != 0)
		return err_set(e, -EBADMSG, "'%s' holds no exported epoch, but '%.100s'",
			       i->request->folder, blob.media_type);
	if (ret == 0)
		ret = oci_get(&i->folder, &blob, OCI_MAX_JSON, &text, e);
	if (ret == 0)
		j = oci_json(&text, "the configuration", e);
	buf_release(&text);
	if (ret == 0 && !j)
		ret = -EBADMSG;
	if (ret == 0 && (!has_number(j, "schema", 1) || !has_number(j, "engine", ENGINE_VERSION) ||
			 !has_number(j, "records", TRANSFER_VERSION) ||
			 !has_number(j, "bundle", BUNDLE_VERSION)))
		ret = err_set(e, -EPROTONOSUPPORT, "'%s' was exported by another version of MatR",
			      i->request->folder);
	json_decref(j);
	return ret;
}

static int take_artifact(struct importer *i, struct err *e)
{
	const json_t *layers;
	json_t *manifest;
	int ret = oci_find(&i->folder, i->request->name, &manifest, e);

	if (ret < 0)
		return ret;
	layers = json_object_get(manifest, "layers");
	ret = check_configuration(i, manifest, e);
	if (ret == 0 && (!json_is_array(layers) || json_array_size(layers) > MAX_LAYERS))
		ret = damaged(i, "the manifest", e);
	if (ret == 0)
		ret = take_layers(i, layers, EXPORT_TABLES, e);
	if (ret == 0)
		ret = take_layers(i, layers, EXPORT_PROGRAMS, e);
	json_decref(manifest);
	return ret;
}

/* ---- the record ---- */

static int last_number(struct importer *i, struct err *e)
{
	struct catalogue_read *read;
	int ret = catalogue_read_begin(&read, i->store, e);

	if (ret < 0)
		return ret;
	ret = catalogue_last_epoch(read, &i->number, e);
	catalogue_read_end(read);
	i->number++;
	return ret;
}

/* What imports left that were killed. */
static int drop_leftovers(struct importer *i, struct err *e)
{
	struct arena arena = ARENA_INIT;
	struct catalogue_epoch *all;
	struct catalogue_read *read;
	size_t count = 0;
	int ret = catalogue_read_begin(&read, i->store, e);

	if (ret < 0)
		return ret;
	ret = catalogue_list_epochs(read, &arena, &all, &count, e);
	for (size_t k = 0; ret == 0 && k < count; k++)
		if (all[k].flags & EPOCH_IMPORTING)
			ret = catalogue_drop_epoch(i->write, all[k].number, e);
	catalogue_read_end(read);
	arena_release(&arena);
	return ret;
}

static int make_record(struct importer *i, struct err *e)
{
	struct catalogue_epoch epoch = {.flags = EPOCH_IMPORTING, .note = "being imported"};
	struct catalogue_write *w;
	int ret = last_number(i, e);

	epoch.number = i->number;
	if (ret == 0)
		ret = catalogue_write_begin(&i->write, i->store, e);
	if (ret < 0)
		return ret;
	ret = drop_leftovers(i, e);
	if (ret == 0)
		ret = take_artifact(i, e);
	if (ret == 0 && !i->path_count)
		ret = err_set(e, -ENODATA, "no program of '%s' is here", i->request->folder);
	if (ret == 0)
		ret = catalogue_put_epoch(i->write, &epoch, e);
	w = i->write;
	i->write = NULL;
	if (ret == 0)
		return catalogue_write_commit(w, e);
	catalogue_write_abort(w);
	return ret;
}

static void drop_record(struct importer *i)
{
	struct catalogue_write *w;

	if (catalogue_write_begin(&w, i->store, NULL) < 0)
		return;
	if (catalogue_drop_epoch(w, i->number, NULL) < 0)
		catalogue_write_abort(w);
	else
		catalogue_write_commit(w, NULL);
}

static int begin(struct importer *i, struct err *e)
{
	struct epoch_request request = i->request->begin;
	struct arena kept = i->result->epoch.arena; /* what is missing lies there */
	int ret;

	request.paths = i->paths;
	request.path_count = i->path_count;
	request.import = i->number;
	ret = epoch_begin(i->store, &request, &i->result->epoch, e);
	if (ret < 0) {
		drop_record(i);
		i->result->epoch.arena = kept;
		return ret;
	}
	for (size_t k = 0; k < i->result->missing_count; k++)
		i->result->missing[k].path =
			arena_strdup(&i->result->epoch.arena, i->result->missing[k].path);
	arena_release(&kept);
	return 0;
}

int epoch_import(struct store *s, const struct import_request *r, struct import_result *out,
		 struct err *e)
{
	struct importer i = {.store = s, .request = r, .result = out, .folder = {.folder = -1}};
	int ret;

	*out = (struct import_result){0};
	ret = oci_open(&i.folder, r->folder, e);
	if (ret < 0)
		return ret;
	ret = store_lock_exclusive(s, e);
	if (ret == 0) {
		ret = make_record(&i, e);
		if (ret == 0)
			ret = begin(&i, e);
		store_unlock(s);
	}
	oci_close(&i.folder);
	arena_release(&i.arena);
	free(i.paths);
	if (ret < 0)
		import_result_release(out);
	return ret;
}

void import_result_release(struct import_result *r)
{
	free(r->missing);
	epoch_result_release(&r->epoch);
	*r = (struct import_result){0};
}
