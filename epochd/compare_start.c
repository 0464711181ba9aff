/* compare_start.c - programs that no longer start, or start again: what is missing, and where it was */
#include "epochd/compare_parts.h"

#include "common/names.h"

#include <string.h>

const uint8_t compare_no_table[TABLE_KEY_BYTES];

bool compare_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool compare_missing(const char *detail, struct arena *a, const char **missing,
		     const char **requirer)
{
	static const char needs[] = "' needs ", version[] = "version '";
	const char *at = detail ? strstr(detail, needs) : NULL, *end, *file;

	if (!at || detail[0] != '\'')
		return false;
	*requirer = arena_printf(a, "%.*s", (int)(at - detail - 1), detail + 1);
	at += strlen(needs);
	if (!strncmp(at, version, strlen(version))) {
		at += strlen(version);
		end = strstr(at, "' of '");
		file = end ? base_name(end + 6) : NULL;
		if (!end)
			return false;
		*missing = arena_printf(a, "%.*s of %.*s", (int)(end - at), at,
					(int)strcspn(file, "'"), file);
		return true;
	}
	end = *at == '\'' ? strchr(at + 1, '\'') : NULL;
	if (!end)
		return false;
	*missing = arena_printf(a, "%.*s", (int)(end - at - 1), at + 1);
	return true;
}

/* The file that was loaded for this request, or bound to this symbol; NULL: not known. */
static const char *was_at(const struct compare_program *p, const char *missing,
			  const char *requirer)
{
	const char *at = strchr(missing, '@');
	struct catalogue_table t;
	struct catalogue_entry x;
	struct arena a = ARENA_INIT;
	uint64_t symbol, provider = 0;

	for (size_t i = 1; i < p->member_count; i++)
		if (compare_same(p->members[i].request, missing) ||
		    compare_same(p->members[i].soname, missing))
			return p->members[i].path;
	symbol = catalogue_string_key(at ? arena_printf(&a, "%.*s", (int)(at - missing), missing)
					 : missing);
	arena_release(&a);
	for (size_t i = 0; i < p->member_count; i++) {
		if (strcmp(p->members[i].path, requirer) ||
		    !memcmp(p->members[i].table, compare_no_table, TABLE_KEY_BYTES) ||
		    p->tables->get(p->context, p, i, &t, NULL) < 0)
			continue;
		for (size_t k = 0; !provider && k < t.count; k++) {
			catalogue_table_entry(&t, k, &x);
			provider = x.symbol == symbol ? x.provider : 0;
		}
	}
	for (size_t i = 1; i < p->member_count; i++)
		if (provider && p->members[i].object_key == provider)
			return p->members[i].path;
	return NULL;
}

/* `failing` does not start, `other` does. */
void compare_say_start(struct comparison *c, enum finding_kind kind,
		       const struct compare_program *failing, const struct compare_program *other)
{
	struct arena a = ARENA_INIT;
	const char *requirer = NULL;
	struct finding_words words = {.kind = kind, .reason = failing->reason};

	if (compare_missing(failing->detail, &a, &words.subject, &requirer)) {
		words.from = was_at(other, words.subject, requirer);
		words.requirer = compare_same(requirer, failing->path) ? COMPARE_PROGRAM : requirer;
	} else {
		words.subject = failing->detail;
	}
	if (kind == FINDING_REPAIRED) {
		words.to = words.from;
		words.from = NULL;
	}
	finding_concerns(c->findings, findings_say(c->findings, &words));
	arena_release(&a);
}
