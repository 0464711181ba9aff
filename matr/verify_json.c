/* A result as JSON and back. */
#include "matr/verify.h"

#include <stdlib.h>
#include <string.h>

static const char *const outcomes[] = {
    [VERIFY_SAME] = "same",
    [VERIFY_DIFFERENT] = "different",
    [VERIFY_SKIPPED] = "skipped",
    [VERIFY_FAILED] = "failed",
};

#define OUTCOME_COUNT (sizeof(outcomes) / sizeof(outcomes[0]))

/* The counts of a result by name, in the order in which JSON has them. */
struct count {
	const char *name;
	size_t offset;
};

#define COUNT(name, member)                                                                        \
	{                                                                                          \
		name, offsetof(struct verify_result, member)                                       \
	}
static const struct count counts[] = {
    COUNT("objects", objects),
    COUNT("words", words),
    COUNT("lazy", lazy),
    COUNT("unchecked", unchecked),
    COUNT("providers", providers),
    COUNT("bytes", bytes),
    COUNT("differences", difference_count),
};
#undef COUNT

#define COUNT_COUNT (sizeof(counts) / sizeof(counts[0]))

static uint64_t *count_of(struct verify_result *r, const struct count *c)
{
	return (uint64_t *)((char *)r + c->offset);
}

/* File names need not be UTF-8, which JSON demands. */
static json_t *text(const char *s)
{
	json_t *j = json_string(s);
	char *copy;

	if (j)
		return j;
	copy = xstrdup(s);
	for (char *p = copy; *p; p++)
		if (*p & 0x80)
			*p = '?';
	j = json_string(copy);
	free(copy);
	return j;
}

static json_t *difference(const struct verify_difference *d)
{
	json_t *j = json_object();

	json_object_set_new(j, "what", text(d->what));
	json_object_set_new(j, "object", text(d->object));
	json_object_set_new(j, "offset", json_integer((json_int_t)d->offset));
	json_object_set_new(j, "symbol", text(d->symbol));
	json_object_set_new(j, "stock", text(d->stock));
	json_object_set_new(j, "matr", text(d->matr));
	return j;
}

json_t *verify_to_json(const struct verify_result *r)
{
	json_t *j = json_object(), *list = json_array();

	json_object_set_new(j, "schema", json_integer(1));
	json_object_set_new(j, "program", text(r->path));
	json_object_set_new(j, "result", json_string(outcomes[r->outcome]));
	if (r->reason)
		json_object_set_new(j, "reason", text(r->reason));
	if (r->sentence)
		json_object_set_new(j, "detail", text(r->sentence));
	for (size_t i = 0; i < COUNT_COUNT; i++)
		json_object_set_new(
		    j, counts[i].name,
		    json_integer((json_int_t)*count_of((struct verify_result *)r, &counts[i])));
	for (size_t i = 0; i < r->kept; i++)
		json_array_append_new(list, difference(&r->differences[i]));
	json_object_set_new(j, "list", list);
	return j;
}

static const char *get(const json_t *j, const char *key, struct arena *a)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? arena_strdup(a, s) : NULL;
}

static const char *get_or_empty(const json_t *j, const char *key, struct arena *a)
{
	const char *s = get(j, key, a);

	return s ? s : "";
}

static void read_list(const json_t *list, struct arena *a, struct verify_result *out)
{
	size_t n = json_array_size(list);
	struct verify_difference *all = arena_alloc(a, n * sizeof(*all));

	for (size_t i = 0; i < n; i++) {
		const json_t *d = json_array_get(list, i);

		all[i] = (struct verify_difference){
		    .what = get_or_empty(d, "what", a),
		    .object = get_or_empty(d, "object", a),
		    .offset = (uint64_t)json_integer_value(json_object_get(d, "offset")),
		    .symbol = get_or_empty(d, "symbol", a),
		    .stock = get_or_empty(d, "stock", a),
		    .matr = get_or_empty(d, "matr", a),
		};
	}
	out->differences = all;
	out->kept = n;
}

bool verify_from_json(const json_t *j, struct arena *a, struct verify_result *out)
{
	const char *result = json_string_value(json_object_get(j, "result"));

	*out = (struct verify_result){.path = get(j, "program", a)};
	if (!result || !out->path)
		return false;
	for (size_t i = 1; i < OUTCOME_COUNT; i++)
		if (strcmp(outcomes[i], result) == 0)
			out->outcome = (enum verify_outcome)i;
	out->reason = get(j, "reason", a);
	out->sentence = get(j, "detail", a);
	for (size_t i = 0; i < COUNT_COUNT; i++)
		*count_of(out, &counts[i]) =
		    (uint64_t)json_integer_value(json_object_get(j, counts[i].name));
	read_list(json_object_get(j, "list"), a, out);
	return out->outcome != 0;
}
