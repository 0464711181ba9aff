#include "epochd/policy.h"

#include "common/file.h"
#include "image/hash.h"
#include "matr-ld/root.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char *const layout_names[POLICY_LAYOUTS] = {"epoch", "exec", "off"};

/*
 * What listens to the network mostly lies here.  Links are not followed: where /usr/sbin is
 * one to /usr/bin (some distributions), it says nothing about the programs in it.
 */
static const char *const exec_folders[] = {"/usr/sbin/*", "/sbin/*"};

const char *policy_layout_name(enum policy_layout layout)
{
	return layout_names[layout];
}

int policy_layout_parse(const char *name)
{
	for (int i = 0; i < POLICY_LAYOUTS; i++)
		if (!strcmp(name, layout_names[i]))
			return i;
	return -1;
}

static void add_rule(struct policy *p, const char *pattern, enum policy_layout layout,
		     const char *source)
{
	p->rules = array_grow(p->rules, p->count, &p->capacity, sizeof(*p->rules));
	p->rules[p->count++] = (struct policy_rule){pattern, layout, source};
}

/* ---- one file ---- */

struct reading {
	struct policy *policy;
	const char *root; /* "": the system itself */
	const char *name; /* for people */
	unsigned line;
};

static int wrong(const struct reading *r, struct err *e, const char *what, const char *word)
{
	return err_set(e, -EINVAL, "%s:%u: %s '%s'", r->name, r->line, what, word);
}

/* The folders before the first special character, without links; the pattern where they are not. */
static const char *follow_links(const struct reading *r, const char *pattern)
{
	struct arena *a = &r->policy->arena;
	char *folder = arena_strdup(a, pattern), real[PATH_MAX];
	size_t plain = strcspn(pattern, "*?[\\");
	const char *rest = pattern + plain;

	if (pattern[plain]) {
		while (pattern[plain] != '/')
			plain--;
		rest = pattern + plain;
	}
	folder[plain] = 0;
	if (plain == 0 || root_canonical(r->root, folder, real, NULL) < 0)
		return pattern;
	return arena_printf(a, "%s%s", strcmp(real, "/") ? real : "", rest);
}

static int add_pattern(const struct reading *r, enum policy_layout layout, const char *word,
		       struct err *e)
{
	struct arena *a = &r->policy->arena;
	size_t n = strlen(word);
	const char *pattern;

	if (word[0] != '/')
		return wrong(r, e, "a path begins with a slash, not as", word);
	pattern = arena_printf(a, "%s%s", word, word[n - 1] == '/' ? "*" : "");
	add_rule(r->policy, follow_links(r, pattern), layout,
		 arena_printf(a, "%s:%u", r->name, r->line));
	return 0;
}

static int read_layout(const struct reading *r, char **rest, struct err *e)
{
	const char *word = strtok_r(NULL, " \t\r", rest);
	int layout, ret = 0;

	if (!word)
		return wrong(r, e, "no layout behind", "layout");
	layout = policy_layout_parse(word);
	if (layout < 0)
		return wrong(r, e, "a layout is epoch, exec or off, not", word);
	word = strtok_r(NULL, " \t\r", rest);
	if (!word)
		return wrong(r, e, "no path behind", policy_layout_name((enum policy_layout)layout));
	for (; ret == 0 && word; word = strtok_r(NULL, " \t\r", rest))
		ret = add_pattern(r, (enum policy_layout)layout, word, e);
	return ret;
}

static int read_line(const struct reading *r, char *line, struct err *e)
{
	char *rest, *comment = strchr(line, '#'), *word;

	if (comment)
		*comment = 0;
	word = strtok_r(line, " \t\r", &rest);
	if (!word)
		return 0;
	if (strcmp(word, "layout"))
		return wrong(r, e, "unknown setting", word);
	return read_layout(r, &rest, e);
}

static int read_text(struct reading *r, char *text, size_t bytes, struct err *e)
{
	int ret = 0;

	for (char *line = text, *end; ret == 0 && line < text + bytes; line = end + 1) {
		r->line++;
		end = memchr(line, '\n', (size_t)(text + bytes - line));
		if (!end)
			end = text + bytes; /* a buffer's content is followed by a NUL */
		*end = 0;
		if (strlen(line) != (size_t)(end - line))
			return wrong(r, e, "a NUL byte behind", line);
		ret = read_line(r, line, e);
	}
	return ret;
}

static int read_file(struct policy *p, const char *root, const char *path, struct err *e)
{
	struct reading r = {.policy = p, .root = root, .name = path};
	const char *full = arena_printf(&p->arena, "%s%s", root, path);
	struct buf text = BUF_INIT;
	int ret = file_read(AT_FDCWD, full, POLICY_MAX_BYTES, &text, e);

	if (ret == 0) {
		r.name = arena_strdup(&p->arena, full);
		ret = read_text(&r, text.data, text.used, e);
	} else if (ret == -ENOENT) {
		ret = 0;
	}
	buf_release(&text);
	return ret;
}

/* ---- all of it ---- */

int policy_read(struct policy *out, const struct policy_request *r, struct err *e)
{
	const char *root = r->root ? r->root : "";
	struct policy p = {.override = r->override, .arena = ARENA_INIT};
	struct err local = ERR_INIT;
	int ret;

	for (size_t i = 0; i < sizeof(exec_folders) / sizeof(exec_folders[0]); i++)
		add_rule(&p, exec_folders[i], POLICY_EXEC, "built in");
	ret = read_file(&p, root, POLICY_FILE, &local);
	if (ret == 0 && r->store_dir) {
		const char *own = arena_printf(&p.arena, "%s/%s", r->store_dir, POLICY_STORE_FILE);

		ret = read_file(&p, "", own, &local);
	}
	if (ret < 0) {
		policy_release(&p);
		return err_set(e, ret, "%s", local.text);
	}
	*out = p;
	return 0;
}

void policy_release(struct policy *p)
{
	free(p->rules);
	arena_release(&p->arena);
	*p = (struct policy){0};
}

static const struct policy_rule *find(const struct policy *p, const char *path)
{
	for (size_t i = p->count; i--;)
		if (fnmatch(p->rules[i].pattern, path, 0) == 0)
			return &p->rules[i];
	return NULL;
}

enum policy_layout policy_for(const struct policy *p, const char *path)
{
	const struct policy_rule *rule = find(p, path);
	enum policy_layout layout = rule ? rule->layout : POLICY_EPOCH;

	return p->override < 0 || layout == POLICY_OFF ? layout : (enum policy_layout)p->override;
}

const char *policy_source(const struct policy *p, const char *path)
{
	const struct policy_rule *rule = find(p, path);

	if (p->override >= 0 && !(rule && rule->layout == POLICY_OFF))
		return "--layout";
	return rule ? rule->source : "default";
}

uint32_t policy_hash(const struct policy *p)
{
	uint64_t h = (uint64_t)(int64_t)p->override;

	for (size_t i = 0; i < p->count; i++) {
		const struct policy_rule *rule = &p->rules[i];

		h = matr_hash(rule->pattern, strlen(rule->pattern), h + rule->layout);
		h = matr_hash(rule->source, strlen(rule->source), h);
	}
	return (uint32_t)(h ^ h >> 32);
}
