/*
 * A tree by fanotify: one mark for each file system that the roots lie on
 *
 * An event names a folder by its handle, and an entry in it.  The handle is opened through a
 * mount that the roots lie on, and the folder's path read from /proc; handles of folders that
 * do not matter are remembered, for most events of a file system come from a few busy ones.
 */
#include "epochd/watch_tree.h"

#include "common/arena.h"
#include "epochd/relevant.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/fanotify.h>
#include <sys/statfs.h>
#include <unistd.h>

/* Constants of Linux 5.9 that older headers do not have. */
#ifndef FAN_REPORT_DFID_NAME
#define FAN_REPORT_DIR_FID 0x00000400
#define FAN_REPORT_NAME 0x00000800
#define FAN_REPORT_DFID_NAME (FAN_REPORT_DIR_FID | FAN_REPORT_NAME)
#endif
#ifndef FAN_EVENT_INFO_TYPE_DFID_NAME
#define FAN_EVENT_INFO_TYPE_DFID_NAME 2
#endif

#define ENTRY (FAN_CREATE | FAN_DELETE | FAN_MOVED_FROM | FAN_MOVED_TO)
#define MASK (ENTRY | FAN_CLOSE_WRITE | FAN_ATTRIB | FAN_ONDIR)
#define REMEMBERED 1024
#define BUFFER_BYTES 32768
#define MANY_READS 16

/*
 * A mount of a watched file system, by which handles are opened.  Never held open, or
 * nobody could unmount it.
 */
struct mount {
	int id;
	char *path; /* owned */
	__kernel_fsid_t fsid;
};

struct tree_fanotify {
	struct tree *tree;
	struct loop_source source;
	struct mount *mounts;
	size_t mount_count, mount_capacity;
	char **roots;
	size_t root_count, root_capacity;
	uint64_t irrelevant[REMEMBERED]; /* hashes of handles; 0: none */
};

/* ---- what is watched ---- */

/* A mount's ids, if events there will be of use: handles can be opened. */
static int look_at_mount(const char *path, struct mount *m, struct err *e)
{
	union {
		struct file_handle h;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} handle = {.h.handle_bytes = MAX_HANDLE_SZ};
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd = -1, ret = 0;
	struct statfs st = {0};

	if (folder < 0 || fstatfs(folder, &st) < 0)
		ret = err_sys(e, "cannot open '%s'", path);
	else if (name_to_handle_at(folder, "", &handle.h, &m->id, AT_EMPTY_PATH) < 0)
		ret = err_sys(e, "'%s' has no handle", path);
	else if ((fd = open_by_handle_at(folder, &handle.h, O_PATH | O_CLOEXEC)) < 0)
		ret = err_sys(e, "the handle of '%s' cannot be opened", path);
	if (fd >= 0)
		close(fd);
	if (folder >= 0)
		close(folder);
	memcpy(&m->fsid, &st.f_fsid, sizeof(m->fsid));
	return ret;
}

static bool has_mount(const struct tree_fanotify *f, int id)
{
	for (size_t i = 0; i < f->mount_count; i++)
		if (f->mounts[i].id == id)
			return true;
	return false;
}

static int add_mount(struct tree_fanotify *f, const char *path, struct err *e)
{
	struct mount m;
	int ret = look_at_mount(path, &m, e);

	if (ret < 0 || has_mount(f, m.id))
		return ret;
	if (fanotify_mark(f->source.fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, MASK, AT_FDCWD, path) < 0)
		return err_sys(e, "fanotify cannot watch the file system of '%s'", path);
	m.path = xstrdup(path);
	f->mounts = array_grow(f->mounts, f->mount_count, &f->mount_capacity, sizeof(m));
	f->mounts[f->mount_count++] = m;
	return 0;
}

int tree_fanotify_add(struct tree_fanotify *f, const char *root, struct err *e)
{
	int ret = add_mount(f, root, e);

	if (ret < 0)
		return ret;
	f->roots = array_grow(f->roots, f->root_count, &f->root_capacity, sizeof(*f->roots));
	f->roots[f->root_count++] = xstrdup(root);
	return 0;
}

/* ---- whose folder is it ---- */

static uint64_t hash_handle(const struct file_handle *h)
{
	uint64_t hash = 14695981039346656037u ^ (unsigned)h->handle_type;

	for (unsigned i = 0; i < h->handle_bytes; i++)
		hash = (hash ^ h->f_handle[i]) * 1099511628211u;
	return hash | 1;
}

static bool is_in_roots(const struct tree_fanotify *f, const char *path)
{
	for (size_t i = 0; i < f->root_count; i++)
		if (tree_is_below(path, f->roots[i]))
			return true;
	return false;
}

/* The folder's path through one mount; false: gone, or not to be reached by it. */
static bool path_through(const struct mount *m, struct file_handle *h, char out[PATH_MAX])
{
	char proc[32];
	ssize_t n = -1;
	int mount = open(m->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;

	if (mount < 0)
		return false;
	fd = open_by_handle_at(mount, h, O_PATH | O_CLOEXEC);
	close(mount);
	if (fd < 0)
		return false;
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	n = readlink(proc, out, PATH_MAX - 1);
	close(fd);
	out[n > 0 ? n : 0] = '\0';
	return n > 0 && out[0] == '/';
}

static bool find_folder(struct tree_fanotify *f, const __kernel_fsid_t *fsid,
			struct file_handle *h, char path[PATH_MAX])
{
	uint64_t hash = hash_handle(h), *seen = &f->irrelevant[hash / 2 % REMEMBERED];

	if (*seen == hash)
		return false;
	for (size_t i = 0; i < f->mount_count; i++)
		if (!memcmp(&f->mounts[i].fsid, fsid, sizeof(*fsid)) &&
		    path_through(&f->mounts[i], h, path) && is_in_roots(f, path) &&
		    relevant_folder(path))
			return true;
	*seen = hash;
	return false;
}

/* ---- events ---- */

static void take_entry(struct tree_fanotify *f, uint64_t mask, const char *name, const char *folder)
{
	bool gone = mask & (FAN_DELETE | FAN_MOVED_FROM) &&
		    !(mask & (FAN_CREATE | FAN_MOVED_TO | FAN_CLOSE_WRITE));
	char path[PATH_MAX];

	if (!(mask & FAN_ONDIR))
		tree_tell(f->tree, folder, name, gone);
	else if (mask & (FAN_MOVED_FROM | FAN_MOVED_TO) &&
		 snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path))
		tree_tell(f->tree, path, "", gone);
}

static void take_name(struct tree_fanotify *f, const struct fanotify_event_metadata *event,
		      const struct fanotify_event_info_fid *info)
{
	struct file_handle *h = (struct file_handle *)(void *)info->handle;
	const char *name = (const char *)h->f_handle + h->handle_bytes;
	bool gone = !(event->mask & ~(uint64_t)(FAN_DELETE | FAN_MOVED_FROM));
	enum relevance r = event->mask & FAN_ONDIR ? RELEVANT_YES : relevant_name(name);
	char folder[PATH_MAX];

	/* Where folders move, what was remembered of others may be wrong. */
	if (event->mask & FAN_ONDIR && event->mask & (FAN_MOVED_FROM | FAN_MOVED_TO))
		memset(f->irrelevant, 0, sizeof(f->irrelevant));
	else if (event->mask & FAN_ONDIR)
		return;
	if (r == RELEVANT_NO || (r == RELEVANT_ASK && gone))
		return;
	if (find_folder(f, (const __kernel_fsid_t *)&info->fsid, h, folder))
		take_entry(f, event->mask, name, folder);
}

static void take(struct tree_fanotify *f, const struct fanotify_event_metadata *event,
		 const struct fanotify_event_info_fid *info, size_t info_bytes)
{
	if (event->fd >= 0)
		close(event->fd);
	if (event->mask & FAN_Q_OVERFLOW)
		tree_lost(f->tree);
	else if (!f->tree->muted && info_bytes >= sizeof(*info) + sizeof(struct file_handle) &&
		 info->hdr.info_type == FAN_EVENT_INFO_TYPE_DFID_NAME)
		take_name(f, event, info);
}

/* A bufferful at most; its bytes.  The kernel aligns events by four only. */
static ssize_t read_some(struct tree_fanotify *f)
{
	static char bytes[BUFFER_BYTES] __attribute__((aligned(8)));
	ssize_t n = read(f->source.fd, bytes, sizeof(bytes));
	size_t left = n > 0 ? (size_t)n : 0;
	struct fanotify_event_metadata event;

	for (const char *at = bytes; left >= sizeof(event); at += event.event_len) {
		memcpy(&event, at, sizeof(event));
		if (event.event_len < event.metadata_len || event.event_len > left ||
		    event.metadata_len < sizeof(event))
			break;
		left -= event.event_len;
		take(f, &event, (const void *)(at + event.metadata_len),
		     event.event_len - event.metadata_len);
	}
	return n;
}

/*
 * Until a read gives little: who reads on until there is nothing runs after a busy writer, and
 * wakes for each of its files.  False: there is still much, for which no pause is to be made.
 */
bool tree_fanotify_read(struct tree_fanotify *f)
{
	for (int i = 0; i < MANY_READS; i++)
		if (read_some(f) < BUFFER_BYTES / 2)
			return true;
	return false;
}

static void ready(void *context)
{
	struct tree_fanotify *f = context;

	/* A queue that grows faster than it is read must not overflow: no pause then. */
	if (tree_fanotify_read(f))
		tree_rest(f->tree, &f->source);
}

struct tree_fanotify *tree_fanotify_open(struct tree *t, struct err *e)
{
	struct tree_fanotify *f = xcalloc(1, sizeof(*f));

	f->tree = t;
	f->source = (struct loop_source){
		.fd = fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_DFID_NAME | FAN_CLOEXEC | FAN_NONBLOCK,
				    O_RDONLY | O_CLOEXEC),
		.ready = ready,
		.context = f};
	if (f->source.fd < 0)
		err_sys(e, "no fanotify");
	else if (access("/proc/self/fd", F_OK) < 0)
		err_sys(e, "fanotify needs /proc");
	else if (loop_add(t->loop, &f->source, EPOLLIN, e) == 0)
		return f;
	tree_fanotify_close(f);
	return NULL;
}

void tree_fanotify_wake(struct tree_fanotify *f)
{
	loop_set(f->tree->loop, &f->source, EPOLLIN);
}

void tree_fanotify_close(struct tree_fanotify *f)
{
	if (!f)
		return;
	loop_remove(f->tree->loop, &f->source);
	for (size_t i = 0; i < f->mount_count; i++)
		free(f->mounts[i].path);
	for (size_t i = 0; i < f->root_count; i++)
		free(f->roots[i]);
	free(f->mounts);
	free(f->roots);
	free(f);
}
