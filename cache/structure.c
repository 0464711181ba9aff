/*
 * structure.c - LMDB's own pages, looked at before LMDB follows them
 *
 * LMDB has no checksums and believes every page: a flipped bit in a page's
 * header or offsets makes it read outside of the file (a bus error) or stop
 * with an assertion.  Records are checked when they are read (record.h); this
 * checks what leads to them, once, when a store is opened: that every page of
 * every tree is where it claims to be, that all nodes lie inside their pages,
 * all sizes and page numbers inside the file, and that the trees end.  The
 * bytes of large records are not touched.
 *
 * Layout of LMDB's data file, format 1, 64-bit little-endian:
 *
 *	page    0 u64 number, 10 u16 flags, 12 u16 lower, 14 u16 upper (or, of an overflow
 *	        page, 12 u32 pages); 16 u16 offsets of nodes, up to `lower`
 *	node    0 u16 low, 2 u16 high, 4 u16 flags, 6 u16 bytes of key; key; data.  In a leaf
 *	        low and high are the bytes of data; in a branch low, high and flags are a page
 *	meta    (pages 0 and 1) 16 u32 mark, 20 u32 version, 40 free list's tree (which begins
 *	        with the page size, u32), 88 main tree, 136 u64 last page, 144 u64 transaction
 *	tree    48 bytes, the last 8 of them u64 root page; all ones: empty
 */
#include "cache/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LMDB_MARK 0xbeefc0deu
#define LMDB_VERSION 1
#define PAGE_HEADER 16
#define NODE_HEADER 8
#define TREE_BYTES 48
#define NO_PAGE UINT64_MAX
#define MAX_DEPTH 30

enum { PAGE_BRANCH = 1, PAGE_LEAF = 2, PAGE_OVERFLOW = 4 };
enum { NODE_BIG = 1, NODE_TREE = 2 };
enum tree_kind { TREE_FREE, TREE_MAIN, TREE_NAMED };

struct walk {
	const uint8_t *file;
	uint64_t page_bytes;
	uint64_t pages;	  /* in the file, as the meta page says and the size allows */
	uint64_t visited; /* a tree that runs in a circle visits more than there are */
};

static bool walk_page(struct walk *w, uint64_t number, enum tree_kind kind, unsigned depth);

static const uint8_t *page_at(const struct walk *w, uint64_t number)
{
	const uint8_t *p;

	if (number < 2 || number >= w->pages)
		return NULL;
	p = w->file + number * w->page_bytes;
	return load_u64(p) == number ? p : NULL;
}

/* A tree's 48 bytes. */
static bool walk_tree(struct walk *w, const uint8_t *tree, enum tree_kind kind)
{
	uint64_t root = load_u64(tree + TREE_BYTES - 8);

	return root == NO_PAGE || walk_page(w, root, kind, 0);
}

/* Where a node's data lies; NULL: not inside the file. */
static const uint8_t *node_data(const struct walk *w, const uint8_t *node, size_t room)
{
	uint64_t bytes = load_u16(node) | (uint32_t)load_u16(node + 2) << 16, pages;
	size_t key = load_u16(node + 6);
	const uint8_t *page;

	if (!(load_u16(node + 4) & NODE_BIG))
		return NODE_HEADER + key + bytes <= room ? node + NODE_HEADER + key : NULL;
	if (NODE_HEADER + key + 8 > room)
		return NULL;
	page = page_at(w, load_u64(node + NODE_HEADER + key));
	if (!page || load_u16(page + 10) != PAGE_OVERFLOW)
		return NULL;
	pages = load_u32(page + 12);
	if (pages > w->pages - load_u64(page) || PAGE_HEADER + bytes > pages * w->page_bytes)
		return NULL;
	return page + PAGE_HEADER;
}

/* A record of the free list: how many pages, then their numbers. */
static bool check_free(const struct walk *w, const uint8_t *data, uint64_t bytes)
{
	uint64_t count, i, page;

	if (bytes < 8)
		return false;
	count = load_u64(data);
	if (count > bytes / 8 - 1)
		return false;
	for (i = 1; i <= count; i++) {
		page = load_u64(data + i * 8);
		if (page < 2 || page >= w->pages)
			return false;
	}
	return true;
}

static bool walk_leaf_node(struct walk *w, const uint8_t *node, size_t room, enum tree_kind kind)
{
	uint64_t bytes = load_u16(node) | (uint32_t)load_u16(node + 2) << 16;
	unsigned flags = load_u16(node + 4);
	const uint8_t *data = node_data(w, node, room);

	if (!data || flags & ~(unsigned)(NODE_BIG | NODE_TREE))
		return false;
	if (kind == TREE_FREE)
		return !(flags & NODE_TREE) && load_u16(node + 6) == 8 &&
		       check_free(w, data, bytes);
	if (!(flags & NODE_TREE))
		return true;
	return kind == TREE_MAIN && bytes == TREE_BYTES && walk_tree(w, data, TREE_NAMED);
}

static bool walk_nodes(struct walk *w, const uint8_t *page, enum tree_kind kind, unsigned depth)
{
	unsigned lower = load_u16(page + 12), count = (lower - PAGE_HEADER) / 2, i, at;
	bool branch = load_u16(page + 10) == PAGE_BRANCH;
	const uint8_t *node;
	uint64_t child;
	size_t room;

	for (i = 0; i < count; i++) {
		at = load_u16(page + PAGE_HEADER + 2 * (size_t)i);
		if (at < lower || at + NODE_HEADER > w->page_bytes)
			return false;
		node = page + at;
		room = w->page_bytes - at;
		if (NODE_HEADER + (size_t)load_u16(node + 6) > room)
			return false;
		child = load_u16(node) | (uint64_t)load_u16(node + 2) << 16 |
			(uint64_t)load_u16(node + 4) << 32;
		if (branch ? !walk_page(w, child, kind, depth + 1)
			   : !walk_leaf_node(w, node, room, kind))
			return false;
	}
	return true;
}

static bool walk_page(struct walk *w, uint64_t number, enum tree_kind kind, unsigned depth)
{
	const uint8_t *page = page_at(w, number);
	unsigned flags, lower, upper, least;

	if (!page || depth > MAX_DEPTH || ++w->visited > w->pages)
		return false;
	flags = load_u16(page + 10);
	lower = load_u16(page + 12);
	upper = load_u16(page + 14);
	if ((flags != PAGE_BRANCH && flags != PAGE_LEAF) || lower < PAGE_HEADER || lower > upper ||
	    upper > w->page_bytes || lower % 2)
		return false;
	/* LMDB itself insists on two children, but in the free list's tree. */
	least = flags == PAGE_BRANCH && kind != TREE_FREE ? 2 : 1;
	if (lower < PAGE_HEADER + 2 * least)
		return false;
	return walk_nodes(w, page, kind, depth);
}

/* The meta page of this transaction; NULL: neither (a writer was quicker), nothing is checked. */
static const uint8_t *find_meta(const uint8_t *file, uint64_t page_bytes, uint64_t txn)
{
	const uint8_t *meta = NULL;
	unsigned i;

	for (i = 0; i < 2; i++)
		if (load_u64(file + i * page_bytes + 144) == txn)
			meta = file + i * page_bytes;
	return meta;
}

static bool is_sound(const uint8_t *file, uint64_t bytes, uint64_t page_bytes, uint64_t txn)
{
	struct walk w = {.file = file, .page_bytes = page_bytes};
	const uint8_t *meta = find_meta(file, page_bytes, txn);

	if (!meta)
		return true;
	w.pages = load_u64(meta + 136);
	if (load_u32(meta + 16) != LMDB_MARK || load_u32(meta + 20) != LMDB_VERSION ||
	    w.pages >= bytes / page_bytes)
		return false;
	w.pages++;
	return walk_tree(&w, meta + 40, TREE_FREE) && walk_tree(&w, meta + 88, TREE_MAIN);
}

/*
 * The two meta pages: LMDB reads them where the first one says that the second
 * one is.  A file without bytes is a new one.
 */
int meta_check(struct store *s, struct err *e)
{
	long page = sysconf(_SC_PAGESIZE);
	uint8_t meta[152];
	struct stat st = {0};
	int fd, i, rc = 0;

	fd = openat(s->dirfd, "cache.mdb", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0)
		rc = err_sys(e, "cannot open '%s'", s->mdb_path);
	for (i = 0; rc == 0 && i < 2 && st.st_size; i++)
		if (!S_ISREG(st.st_mode) ||
		    pread(fd, meta, sizeof(meta), i * page) != sizeof(meta) ||
		    load_u64(meta) != (uint64_t)i || load_u32(meta + 16) != LMDB_MARK ||
		    load_u32(meta + 20) != LMDB_VERSION || load_u32(meta + 40) != page)
			rc = err_set(e, -EBADMSG, "'%s' is damaged, or not a catalogue of MatR",
				     s->mdb_path);
	if (fd >= 0)
		close(fd);
	return rc;
}

int structure_check(struct store *s, MDB_txn *txn, struct err *e)
{
	int fd, rc = 0;
	struct stat st;
	MDB_stat page;
	void *file;

	mdb_env_stat(s->env, &page);
	fd = openat(s->dirfd, "cache.mdb", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		rc = err_sys(e, "cannot open '%s'", s->mdb_path);
	} else if (st.st_size >= 2 * (off_t)page.ms_psize) {
		/* A map of its own, of just the file: it cannot shrink, LMDB never does that. */
		file = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
		if (file == MAP_FAILED) {
			rc = err_sys(e, "cannot map '%s'", s->mdb_path);
		} else {
			if (!is_sound(file, (uint64_t)st.st_size, page.ms_psize, mdb_txn_id(txn)))
				rc = err_set(e, -EBADMSG, "'%s' is damaged: its pages do not fit",
					     s->mdb_path);
			munmap(file, (size_t)st.st_size);
		}
	}
	if (fd >= 0)
		close(fd);
	return rc;
}
