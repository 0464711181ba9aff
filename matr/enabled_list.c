/* STORE/enabled: read, changed in memory, replaced. */
#include "matr/enabled_list.h"

#include "common/arena.h"
#include "common/buf.h"
#include "common/file.h"
#include "matr/interp_edit.h"
#include "matr/matr.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define LIST_NAME "enabled"
#define LIST_BYTES_MAX (64u * 1024 * 1024)

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undoes the escapes in place. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (*s == '\\' && s[1])
			*to++ = *++s == 'n' ? '\n' : *s;
		else
			*to++ = *s;
	}
	*to = '\0';
}

/* Hexadecimal digits up to `end`; the bytes, or 0: damaged. */
static size_t parse_hex(uint8_t *out, size_t max, const char *from, const char *end)
{
	size_t n = 0;

	for (; from + 1 < end && n < max; from += 2) {
		int high = hex_digit(from[0]), low = hex_digit(from[1]);

		if (high < 0 || low < 0)
			return 0;
		out[n++] = (uint8_t)(high << 4 | low);
	}
	return from == end ? n : 0;
}

/* One line, without its newline. */
static int parse_line(struct enabled_list *l, char *line, struct err *e)
{
	char *blank = strchr(line, ' ');
	char *colon = blank ? memchr(line, ':', (size_t)(blank - line)) : NULL;
	uint8_t bytes[INTERP_BYTES_MAX], shim[INTERP_BYTES_MAX + 1] = {0};
	struct enabled_file f = {.bytes = bytes};

	if (blank && blank[1] == '/')
		f.count = parse_hex(bytes, sizeof(bytes), line, colon ? colon : blank);
	if (!f.count || (colon && !parse_hex(shim, INTERP_BYTES_MAX, colon + 1, blank)))
		return err_set(e, -EBADMSG, "the line '%.60s' is damaged", line);
	unescape(blank + 1);
	f.path = blank + 1;
	f.shim = colon ? (char *)shim : NULL;
	enabled_list_put(l, &f);
	return 0;
}

static int parse(struct enabled_list *l, char *text, struct err *e)
{
	char *next;

	for (; *text; text = next) {
		char *end = strchr(text, '\n');

		if (!end)
			return err_set(e, -EBADMSG, "the last line is cut");
		*end = '\0';
		next = end + 1;
		if (parse_line(l, text, e) < 0)
			return -EBADMSG;
	}
	return 0;
}

static int open_folder(const char *store, bool create, struct err *e)
{
	int fd;

	if (create && file_mkdirs(store, geteuid() == 0 ? 0755 : 0700, e) < 0)
		return e ? e->code : -EIO;
	fd = open(store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, "cannot open the store '%s'", store);
	while (flock(fd, LOCK_EX) < 0) {
		if (errno == EINTR)
			continue;
		err_sys(e, "cannot lock the store '%s'", store);
		close(fd);
		return -EIO;
	}
	return fd;
}

int enabled_list_open(struct enabled_list *l, const char *store, bool create, struct err *e)
{
	struct buf text = BUF_INIT;
	int status;

	memset(l, 0, sizeof(*l));
	l->folder = open_folder(store, create, e);
	if (l->folder < 0)
		return l->folder;
	status = file_read(l->folder, LIST_NAME, LIST_BYTES_MAX, &text, e);
	if (status == -ENOENT)
		status = 0;
	else if (status == 0 && text.data)
		status = parse(l, text.data, e);
	buf_release(&text);
	if (status < 0) {
		err_wrap(e, "'%s/" LIST_NAME "': ", store);
		enabled_list_close(l);
	}
	return status;
}

static void release(struct enabled_file *f)
{
	free(f->path);
	free(f->bytes);
	free(f->shim);
}

void enabled_list_close(struct enabled_list *l)
{
	for (size_t i = 0; i < l->file_count; i++)
		release(&l->files[i]);
	free(l->files);
	if (l->folder >= 0)
		close(l->folder); /* and with it the lock */
	memset(l, 0, sizeof(*l));
	l->folder = -1;
}

const struct enabled_file *enabled_list_find(const struct enabled_list *l, const char *path)
{
	for (size_t i = 0; i < l->file_count; i++)
		if (strcmp(l->files[i].path, path) == 0)
			return &l->files[i];
	return NULL;
}

void enabled_list_put(struct enabled_list *l, const struct enabled_file *f)
{
	struct enabled_file copy = {
	    .path = xstrdup(f->path),
	    .bytes = memcpy(xmalloc(f->count), f->bytes, f->count),
	    .count = f->count,
	    .shim = f->shim && strcmp(f->shim, MATR_INSTALLED_SHIM) != 0 ? xstrdup(f->shim) : NULL,
	};

	enabled_list_remove(l, copy.path);
	l->files = array_grow(l->files, l->file_count, &l->capacity, sizeof(*l->files));
	l->files[l->file_count++] = copy;
}

void enabled_list_remove(struct enabled_list *l, const char *path)
{
	struct enabled_file *f = (struct enabled_file *)enabled_list_find(l, path);
	size_t i;

	if (!f)
		return;
	i = (size_t)(f - l->files);
	release(f);
	memmove(f, f + 1, (--l->file_count - i) * sizeof(*f));
}

static void put_hex(struct buf *text, const void *data, size_t count)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < count; i++)
		buf_printf(text, "%02x", bytes[i]);
}

static void put_line(struct buf *text, const struct enabled_file *f)
{
	put_hex(text, f->bytes, f->count);
	if (f->shim) {
		buf_puts(text, ":");
		put_hex(text, f->shim, strlen(f->shim));
	}
	buf_puts(text, " ");
	for (const char *p = f->path; *p; p++) {
		if (*p == '\\' || *p == '\n')
			buf_put_u8(text, '\\');
		buf_put_u8(text, (uint8_t)(*p == '\n' ? 'n' : *p));
	}
	buf_puts(text, "\n");
}

int enabled_list_save(const struct enabled_list *l, struct err *e)
{
	struct buf text = BUF_INIT;
	int status;

	for (size_t i = 0; i < l->file_count; i++)
		put_line(&text, &l->files[i]);
	status = file_replace(&(struct file_replace){.dirfd = l->folder,
						     .name = LIST_NAME,
						     .data = text.data ? text.data : "",
						     .bytes = text.used,
						     .mode = geteuid() == 0 ? 0644 : 0600},
			      e);
	buf_release(&text);
	return status;
}
