#include "epochd/stored.h"

int stored_open(struct stored *s, struct store *store, uint64_t epoch, struct err *e)
{
	int ret;

	*s = (struct stored){.number = epoch};
	exports_init(&s->exports);
	ret = catalogue_read_begin(&s->read, store, e);
	if (ret == 0)
		ret = catalogue_get_epoch(s->read, epoch, &s->arena, &s->epoch, e);
	if (ret < 0)
		stored_close(s);
	return ret;
}

void stored_close(struct stored *s)
{
	catalogue_read_end(s->read);
	map_release(&s->objects);
	exports_release(&s->exports);
	arena_release(&s->arena);
	*s = (struct stored){0};
}

int stored_object(struct stored *s, uint64_t record, const struct catalogue_object **out,
		  struct err *e)
{
	const struct map_entry *x = map_find(&s->objects, record);
	struct catalogue_object o, *kept;
	int ret;

	if (x) {
		*out = x->pointer;
		return 0;
	}
	ret = catalogue_get_object(s->read, record, &s->arena, &o, e);
	if (ret < 0)
		return ret;
	kept = arena_memdup(&s->arena, &o, sizeof(o));
	map_add(&s->objects, record)->pointer = kept;
	*out = kept;
	return 0;
}

static int get_table(void *context, const struct compare_program *p, size_t member,
		     struct catalogue_table *out, struct err *e)
{
	struct stored *s = context;
	int ret = catalogue_get_table(s->read, p->members[member].table, &s->table, e);

	if (ret == 0)
		*out = s->table;
	return ret;
}

static int get_names(void *context, size_t i, const char **symbol, const char **version,
		     struct err *e)
{
	struct stored *s = context;
	struct catalogue_entry entry;
	int ret;

	catalogue_table_entry(&s->table, i, &entry);
	*symbol = "";
	*version = NULL;
	ret = entry.symbol ? catalogue_get_string(s->read, entry.symbol, symbol, e) : 0;
	if (ret == 0 && entry.version)
		ret = catalogue_get_string(s->read, entry.version, version, e);
	return ret;
}

static int get_exports(void *context, const struct compare_program *p, size_t member,
		       struct catalogue_exports *out, struct err *e)
{
	struct stored *s = context;
	uint64_t object = p->members[member].object_key;
	int ret;

	if (exports_find(&s->exports, object, out))
		return 0;
	ret = catalogue_get_exports(s->read, object, &s->arena, out, e);
	if (ret == 0)
		exports_keep(&s->exports, object, out);
	return ret;
}

static const struct compare_tables stored_tables = {
	.get = get_table, .names = get_names, .exports = get_exports};

static int view_member(struct stored *s, const struct catalogue_member *from,
		       struct compare_member *to, struct err *e)
{
	const struct catalogue_object *o;
	int ret = stored_object(s, from->object_record, &o, e);

	if (ret == 0)
		*to = (struct compare_member){.object_key = o->object_key,
					      .path = o->path,
					      .soname = o->soname,
					      .table = from->table};
	if (ret == 0 && from->request)
		ret = catalogue_get_string(s->read, from->request, &to->request, e);
	return ret;
}

int stored_view(struct stored *s, const struct catalogue_program *p, struct arena *a,
		struct compare_program *out, struct err *e)
{
	struct compare_member *members = arena_alloc(a, (p->member_count + 1) * sizeof(*members));
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < p->member_count; i++)
		ret = view_member(s, &p->members[i], &members[i], e);
	if (ret < 0)
		return ret;
	*out = (struct compare_program){
		.path = p->path,
		.reason = p->reason,
		.detail = p->detail,
		.members = members,
		.member_count = p->member_count,
		.tables = &stored_tables,
		.context = s,
	};
	return 0;
}

int stored_program(struct stored *s, const char *path, struct arena *a,
		   struct compare_program *out, struct err *e)
{
	struct catalogue_program p;
	int ret = catalogue_get_program(s->read, s->number, path, a, &p, e);

	return ret < 0 ? ret : stored_view(s, &p, a, out, e);
}
