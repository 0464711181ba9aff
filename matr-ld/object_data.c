/* object_data.c - the writable segments' content, read again when it is needed */
#include "matr-ld/object.h"

#include "common/arena.h"
#include "matr-ld/root.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool has_data(const Elf64_Phdr *p)
{
	return p->p_type == PT_LOAD && p->p_flags & PF_W;
}

/* The segment that holds all of the range; -1: none. */
static ssize_t segment_of(const struct object *o, uint64_t vaddr, uint64_t bytes)
{
	for (size_t i = 0; i < o->phdr_count; i++) {
		const Elf64_Phdr *p = &o->phdr[i];

		if (has_data(p) && vaddr >= p->p_vaddr && vaddr - p->p_vaddr <= p->p_filesz &&
		    p->p_filesz - (vaddr - p->p_vaddr) >= bytes)
			return (ssize_t)i;
	}
	return -1;
}

bool object_in_data(const struct object *o, uint64_t vaddr, uint64_t bytes)
{
	return segment_of(o, vaddr, bytes) >= 0;
}

int object_reopen(const struct object *o, struct err *e)
{
	int fd = root_open(o->root, o->path, e);
	struct identity now;
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) == 0) {
		identity_from_stat(&now, &st);
		if (identity_equal(&now, &o->identity))
			return fd;
	}
	close(fd);
	return err_set(e, -ESTALE, "'%s' has changed while the epoch was being made; begin again",
		       o->path);
}

static int read_segment(const struct object *o, int fd, const Elf64_Phdr *p, uint8_t *to,
			struct err *e)
{
	uint64_t done = 0;

	while (done < p->p_filesz) {
		ssize_t n = pread(fd, to + done, p->p_filesz - done, (off_t)(p->p_offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "cannot read '%s'", o->path);
		if (n == 0)
			return err_set(e, -ESTALE, "'%s' became shorter while it was read",
				       o->path);
		done += (uint64_t)n;
	}
	return 0;
}

int object_data_load(struct object_data *d, const struct object *o, struct err *e)
{
	struct object_data fresh = {.object = o};
	int fd = object_reopen(o, e), ret = 0;

	if (fd < 0)
		return fd;
	fresh.segments = xcalloc(o->phdr_count, sizeof(*fresh.segments));
	for (size_t i = 0; ret == 0 && i < o->phdr_count; i++) {
		if (!has_data(&o->phdr[i]))
			continue;
		fresh.segments[i] = xmalloc(o->phdr[i].p_filesz);
		ret = read_segment(o, fd, &o->phdr[i], fresh.segments[i], e);
	}
	close(fd);
	if (ret < 0)
		object_data_release(&fresh);
	else
		*d = fresh;
	return ret;
}

void object_data_release(struct object_data *d)
{
	for (size_t i = 0; d->segments && i < d->object->phdr_count; i++)
		free(d->segments[i]);
	free(d->segments);
	*d = (struct object_data){0};
}

const uint8_t *object_data_at(const struct object_data *d, uint64_t vaddr, uint64_t bytes)
{
	ssize_t i = d->segments ? segment_of(d->object, vaddr, bytes) : -1;

	return i < 0 ? NULL : d->segments[i] + (vaddr - d->object->phdr[i].p_vaddr);
}
