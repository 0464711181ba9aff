#include "epochd/scan_memory.h"

#include "image/hash.h"

#include <stdlib.h>
#include <string.h>

#define MEMORY_MAGIC 0x0031524d454d4353ull /* "SCMEMR1\0" */

struct head {
	uint64_t magic, checksum, folders;
};

/* Bytes that are being read: a step too far gives zeros and sets `bad`. */
struct cursor {
	const char *at, *end;
	bool bad;
};

static void take(struct cursor *c, void *to, size_t bytes)
{
	if (c->bad || (size_t)(c->end - c->at) < bytes) {
		c->bad = true;
		memset(to, 0, bytes);
		return;
	}
	memcpy(to, c->at, bytes);
	c->at += bytes;
}

static const char *take_text(struct cursor *c)
{
	const char *text = c->at, *nul = c->bad ? NULL : memchr(text, 0, (size_t)(c->end - text));

	c->bad = !nul;
	if (nul)
		c->at = nul + 1;
	return nul ? text : "";
}

/* A number of things, each of which takes at least `least` bytes. */
static size_t take_count(struct cursor *c, size_t least)
{
	uint32_t n = 0;

	take(c, &n, sizeof(n));
	if (n > (size_t)(c->end - c->at) / least)
		c->bad = true;
	return c->bad ? 0 : n;
}

static size_t bucket_of(const struct scan_memory *m, const char *path)
{
	return matr_hash(path, strlen(path), 0) & (m->bucket_count - 1);
}

static void load_folder(struct scan_memory *m, struct cursor *c)
{
	struct scan_folder *f = arena_alloc(&m->arena, sizeof(*f));
	size_t bucket;

	take(c, &f->identity, sizeof(f->identity));
	f->path = take_text(c);
	f->file_count = take_count(c, sizeof(struct identity) + 2);
	f->files = arena_alloc(&m->arena, f->file_count * sizeof(*f->files));
	for (size_t i = 0; i < f->file_count; i++) {
		uint8_t program;

		take(c, &f->files[i].identity, sizeof(struct identity));
		take(c, &program, 1);
		f->files[i].program = program;
		f->files[i].name = take_text(c);
	}
	f->folder_count = take_count(c, 2);
	f->folders = arena_alloc(&m->arena, f->folder_count * sizeof(*f->folders));
	for (size_t i = 0; i < f->folder_count; i++)
		f->folders[i] = take_text(c);
	bucket = bucket_of(m, f->path);
	f->next = m->buckets[bucket];
	m->buckets[bucket] = f;
}

void scan_memory_load(struct scan_memory *m, const struct buf *bytes)
{
	struct cursor c = {.at = bytes->data, .end = bytes->data + bytes->used};
	struct head head;

	*m = (struct scan_memory){0};
	take(&c, &head, sizeof(head));
	if (c.bad || head.magic != MEMORY_MAGIC || head.folders > bytes->used ||
	    head.checksum != matr_hash(c.at, (size_t)(c.end - c.at), 0))
		return;
	for (m->bucket_count = 64; m->bucket_count < head.folders; m->bucket_count *= 2)
		;
	m->buckets = xcalloc(m->bucket_count, sizeof(struct scan_folder *));
	for (uint64_t i = 0; i < head.folders && !c.bad; i++)
		load_folder(m, &c);
	if (c.bad)
		scan_memory_release(m);
}

void scan_memory_release(struct scan_memory *m)
{
	free(m->buckets);
	arena_release(&m->arena);
	*m = (struct scan_memory){0};
}

const struct scan_folder *scan_memory_find(const struct scan_memory *m, const char *path)
{
	const struct scan_folder *f;

	if (!m->bucket_count)
		return NULL;
	f = m->buckets[bucket_of(m, path)];
	while (f && strcmp(f->path, path))
		f = f->next;
	return f;
}

static void put_text(struct buf *b, const char *text)
{
	buf_put(b, text, strlen(text) + 1);
}

static void save_folder(const struct scan_folder *f, struct buf *b)
{
	buf_put(b, &f->identity, sizeof(f->identity));
	put_text(b, f->path);
	buf_put_u32(b, (uint32_t)f->file_count);
	for (size_t i = 0; i < f->file_count; i++) {
		buf_put(b, &f->files[i].identity, sizeof(struct identity));
		buf_put_u8(b, f->files[i].program);
		put_text(b, f->files[i].name);
	}
	buf_put_u32(b, (uint32_t)f->folder_count);
	for (size_t i = 0; i < f->folder_count; i++)
		put_text(b, f->folders[i]);
}

void scan_memory_save(struct scan_folder *const *folders, size_t count, struct buf *out)
{
	struct head head = {.magic = MEMORY_MAGIC, .folders = count};
	size_t start = out->used;

	buf_put(out, &head, sizeof(head));
	for (size_t i = 0; i < count; i++)
		save_folder(folders[i], out);
	head.checksum = matr_hash(out->data + start + sizeof(head),
				  out->used - start - sizeof(head), 0);
	memcpy(out->data + start, &head, sizeof(head));
}
