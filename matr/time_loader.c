/* A loader's file: where it can be stopped, and where it asks the processor. */
#include "matr/time.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BYTES_MAX ((size_t)16 << 20)
#define NEAR 24 /* two instructions that belong together are not farther apart, in bytes */

/* One executable segment. */
struct code {
	const uint8_t *bytes;
	size_t count;
	uint64_t vaddr;
};

static bool is_near(const struct code *c, size_t at, const uint8_t want[5])
{
	size_t from = at > NEAR ? at - NEAR : 0;

	for (size_t i = from; i < at + NEAR && i + 5 <= c->count; i++)
		if (memcmp(c->bytes + i, want, 5) == 0)
			return true;
	return false;
}

/*
 * arch_prctl(ARCH_SET_FS): made once, when the libraries are mapped and the
 * first thread's memory has been laid out, before anything is relocated.  Other calls
 * of arch_prctl (shadow stack, processor features) have another first argument.
 */
static void find_sites(struct time_loader *out, const struct code *c)
{
	static const uint8_t arch_prctl[5] = {0xb8, 0x9e, 0, 0, 0};   /* mov $158, %eax */
	static const uint8_t set_fs[5] = {0xbf, 0x02, 0x10, 0, 0}; /* mov $0x1002, %edi */
	unsigned n = 0;

	for (size_t i = 0; i + 5 <= c->count && n < TIME_SITES; i++)
		if (memcmp(c->bytes + i, arch_prctl, 5) == 0 && is_near(c, i, set_fs))
			out->sites[n++] = c->vaddr + i;
}

/* Some of these are parts of other instructions; execution never stops at those. */
static void find_cpuid(struct time_loader *out, const struct code *c)
{
	for (size_t i = 0; i + 2 <= c->count; i++)
		if (c->bytes[i] == 0x0f && c->bytes[i + 1] == 0xa2 &&
		    out->cpuid_count < TIME_CPUID_SITES)
			out->cpuid[out->cpuid_count++] = c->vaddr + i;
}

static void find_in_code(struct time_loader *out, Elf *elf, const uint8_t *bytes, size_t size)
{
	size_t count = 0;
	GElf_Phdr ph;

	if (elf_getphdrnum(elf, &count) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		struct code c;

		if (!gelf_getphdr(elf, (int)i, &ph) || ph.p_type != PT_LOAD ||
		    !(ph.p_flags & PF_X) || ph.p_offset > size ||
		    ph.p_filesz > size - ph.p_offset)
			continue;
		c = (struct code){bytes + ph.p_offset, ph.p_filesz, ph.p_vaddr};
		find_sites(out, &c);
		find_cpuid(out, &c);
	}
}

static int read_all(int fd, uint8_t *to, size_t count)
{
	size_t done = 0;
	ssize_t n;

	while (done < count) {
		n = pread(fd, to + done, count - done, (off_t)done);
		if (n <= 0)
			return -EIO;
		done += (size_t)n;
	}
	return 0;
}

int time_loader_read(struct time_loader *out, const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct arena a = ARENA_INIT;
	GElf_Ehdr header;
	uint8_t *bytes;
	struct stat st;
	Elf *elf;

	*out = (struct time_loader){0};
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size <= 0 || (size_t)st.st_size > BYTES_MAX) {
		if (fd >= 0)
			close(fd);
		return err_set(e, -EIO, "cannot read the loader '%s'", path);
	}
	bytes = arena_alloc(&a, (size_t)st.st_size);
	elf_version(EV_CURRENT);
	elf = read_all(fd, bytes, (size_t)st.st_size) == 0
		  ? elf_memory((char *)bytes, (size_t)st.st_size)
		  : NULL;
	if (elf && gelf_getehdr(elf, &header)) {
		out->entry = header.e_entry;
		find_in_code(out, elf, bytes, (size_t)st.st_size);
	}
	elf_end(elf);
	close(fd);
	arena_release(&a);
	if (elf_find_symbol(path, "_dl_debug_state", &out->event, NULL) < 0)
		out->event = 0;
	return 0;
}
