/*
 * stock.c - the stock path, and the restart that leads back to it
 *
 * Environment: stock_map runs before ld.so, with nothing changed but what it
 * maps itself.  restart runs inside ld.so's mmap call and undoes all that has
 * happened since start: nothing has run, nothing is registered with the kernel
 * (true for glibc 2.31 to 2.43 until the closure is complete), so mappings, descriptors,
 * the executable's dynamic section and one pointer of the environment are all there is to undo.
 */
#include "ldso-shim/shim.h"

#include "image/loader_path.h"
#include "ldso-shim/sys.h"

#define HEADER_BYTES 1024 /* ELF header and program headers of any ld.so */

struct loader_file {
	int fd;
	union {
		Elf64_Ehdr ehdr;
		char bytes[HEADER_BYTES];
	};
};

static int header_ok(const struct loader_file *f, long got)
{
	const Elf64_Ehdr *e = &f->ehdr;

	return got >= (long)sizeof(*e) && e->e_ident[0] == 0x7f && e->e_ident[1] == 'E' &&
	       e->e_ident[2] == 'L' && e->e_ident[3] == 'F' && e->e_machine == EM_X86_64 &&
	       e->e_type == ET_DYN && e->e_phentsize == sizeof(Elf64_Phdr) &&
	       e->e_phoff <= (uint64_t)got &&
	       e->e_phnum <= ((uint64_t)got - e->e_phoff) / sizeof(Elf64_Phdr);
}

/* Opens the loader and reads its headers; 0: there is none.  The caller closes f->fd. */
static const char *open_loader(struct loader_file *f)
{
	unsigned first = __ehdr_start.e_flags & MATR_SHIM_FIRST;
	const char *path = matr_loader_path(first);

	for (unsigned next = 0; path; path = matr_loader_path(next++)) {
		f->fd = (int)sys_openat(AT_FDCWD_VALUE, path, OPEN_READ);
		if (f->fd < 0)
			continue;
		if (header_ok(f, sys_read(f->fd, f->bytes, sizeof(f->bytes))) &&
		    !matr_is_shim(f->ehdr.e_flags))
			return path;
		sys_close(f->fd);
	}
	return 0;
}

static uint64_t page_down(uint64_t n)
{
	return n & ~(uint64_t)(MATR_PAGE - 1);
}

static uint64_t page_up(uint64_t n)
{
	return page_down(n + MATR_PAGE - 1);
}

static int segment_prot(const Elf64_Phdr *p)
{
	return (p->p_flags & PF_R ? 1 : 0) | (p->p_flags & PF_W ? 2 : 0) |
	       (p->p_flags & PF_X ? 4 : 0);
}

/* One PT_LOAD at base, the way the kernel maps an interpreter. */
static int map_segment(const struct loader_file *f, const Elf64_Phdr *p, uint64_t base)
{
	uint64_t start = page_down(base + p->p_vaddr);
	uint64_t file_end = base + p->p_vaddr + p->p_filesz;
	uint64_t end = page_up(base + p->p_vaddr + p->p_memsz);
	struct sys_mapping m = {.address = start,
				.bytes = page_up(file_end) - start,
				.offset = page_down(p->p_offset),
				.prot = segment_prot(p),
				.flags = MAP_PRIVATE | MAP_FIXED,
				.fd = f->fd};

	if (sys_failed(sys_mmap(&m)))
		return 0;
	if (p->p_memsz == p->p_filesz)
		return 1;
	for (char *c = (char *)file_end; c < (char *)page_up(file_end); c++)
		*c = 0;
	m = (struct sys_mapping){.address = page_up(file_end),
				 .bytes = end - page_up(file_end),
				 .prot = segment_prot(p),
				 .flags = MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS,
				 .fd = -1};
	return m.bytes == 0 || !sys_failed(sys_mmap(&m));
}

static enum reason map_loader(const struct loader_file *f, uint64_t *base)
{
	const Elf64_Phdr *p = (const Elf64_Phdr *)(f->bytes + f->ehdr.e_phoff);
	uint64_t first = UINT64_MAX, last = 0, at;
	struct sys_mapping span = {.flags = MAP_PRIVATE, .fd = f->fd};

	for (unsigned i = 0; i < f->ehdr.e_phnum; i++) {
		if (p[i].p_type != PT_LOAD)
			continue;
		if (first == UINT64_MAX) {
			first = page_down(p[i].p_vaddr);
			span.prot = segment_prot(&p[i]);
			span.offset = page_down(p[i].p_offset);
		}
		last = page_up(p[i].p_vaddr + p[i].p_memsz);
	}
	if (last <= first)
		return REASON_NO_LOADER;
	span.bytes = last - first;
	at = sys_mmap(&span);
	if (sys_failed(at))
		return REASON_MAP_FAILED;
	*base = at - first;
	/* The first segment is in place by now; ld.so's first one has no .bss. */
	for (unsigned i = 0, n = 0; i < f->ehdr.e_phnum; i++)
		if (p[i].p_type == PT_LOAD && n++ && !map_segment(f, &p[i], *base))
			return REASON_MAP_FAILED;
	return REASON_NONE;
}

static void tell_debugger(const struct loader_file *f, uint64_t base)
{
	const Elf64_Phdr *p = (const Elf64_Phdr *)(f->bytes + f->ehdr.e_phoff);

	uint64_t lost = 0;

	for (unsigned i = 0; i < f->ehdr.e_phnum; i++)
		if (p[i].p_type == PT_DYNAMIC)
			lost = debugger_follow(base, p[i].p_vaddr);
	for (unsigned i = 0; lost && i < f->ehdr.e_phnum; i++)
		if (p[i].p_type == PT_LOAD && lost - page_down(base + p[i].p_vaddr) < p[i].p_memsz)
			map_segment(f, &p[i], base);
}

/* The loader in this very file is a copy of the one at `path`; it lies where the kernel said. */
static int own_is_installed(const char *path)
{
	struct file_facts f;
	int fd, same;

	if (!matr_front.entry)
		return 0;
	fd = (int)sys_openat(AT_FDCWD_VALUE, path, OPEN_READ);
	if (fd < 0)
		return 0;
	S.old_fstat = matr_front.old_fstat != 0;
	same = file_facts(fd, &f) && !__builtin_memcmp(&f.identity, &matr_front.installed,
						       sizeof(f.identity));
	sys_close(fd);
	return same;
}

/*
 * A copy of this file that is named by another path was put there as a loader, beside a C library
 * that fits it: a bundle that brings all it needs.  The system's own would be the wrong one.
 */
static int is_copy(const char *name)
{
	return matr_front.entry && name && !text_starts(name, "/lib") &&
	       !text_starts(name, "/usr/lib");
}

/*
 * What is left where no installed loader can be opened: a root that somebody filled with what ldd
 * told, a sandbox that does not show it, no descriptor free.
 */
static enum reason use_own(uint64_t *entry)
{
	if (!matr_front.entry)
		return REASON_NO_LOADER;
	S.process.base->a_un.a_val = S.process.own_base;
	*entry = S.process.own_base + matr_front.entry;
	return REASON_NONE;
}

enum reason stock_map(uint64_t *entry)
{
	struct loader_file f;
	enum reason reason;
	uint64_t base = 0;

	if (own_is_installed(matr_loader_path(__ehdr_start.e_flags & MATR_SHIM_FIRST)) ||
	    is_copy(program_interpreter(&S.process)) || !open_loader(&f))
		return use_own(entry);
	reason = map_loader(&f, &base);
	if (!reason)
		tell_debugger(&f, base);
	sys_close(f.fd);
	if (reason)
		return reason;
	S.process.base->a_un.a_val = base;
	*entry = base + f.ehdr.e_entry;
	return REASON_NONE;
}

/*
 * The loader in this file, run as a program: it knows that by AT_ENTRY.  There is no AT_BASE then, but
 * the program headers are at the beginning of the last code segment (matr/system_file.c).
 */
static void run_own(void)
{
	const struct process *p = &S.process;
	uint64_t base = 0;

	for (size_t i = 0; i < p->phdr_count; i++)
		if (p->phdr[i].p_type == PT_LOAD && (p->phdr[i].p_flags & PF_X))
			base = (uint64_t)p->phdr - p->phdr[i].p_vaddr;
	for (Elf64_auxv_t *a = p->auxv; a->a_type != AT_NULL; a++)
		if (a->a_type == AT_ENTRY)
			a->a_un.a_val = base + matr_front.entry;
	jump_to(base + matr_front.entry, p->stack);
}

void stock_run(void)
{
	struct loader_file f;
	const char *path = is_copy(S.process.exec_name) ? 0 : open_loader(&f);

	if (path) {
		sys_close(f.fd);
		sys_call3(SYS_EXECVE, (long)path, (long)S.process.argv, (long)S.process.envp);
	}
	if (matr_front.entry)
		run_own();
	fail("cannot execute the installed loader");
}

/* Members up to the present one, and what ld.so mapped beside them. */
static void unmap_everything(void)
{
	for (uint32_t i = 0; i < S.hook.member; i++)
		sys_munmap(S.image.members[i].start, S.image.members[i].span);
	if (hook_mapped_bytes())
		sys_munmap(S.image.members[S.hook.member].start, hook_mapped_bytes());
	for (uint32_t i = 0; i < S.hook.stray_count; i++)
		sys_munmap(S.hook.strays[i].address, S.hook.strays[i].bytes);
	epoch_leave();
}

/*
 * ld.so up to 2.38 points the environment at a copy in its own memory, which is gone,
 * and ends each value in the original with a NUL where a colon stood.
 */
static void restore_tunables(void)
{
	if (!S.policy.tunables)
		return;
	*S.policy.tunables = S.policy.tunables_text;
	for (size_t i = 0; i < S.policy.tunables_bytes; i++)
		if (!S.policy.tunables_text[i])
			S.policy.tunables_text[i] = ':';
}

void restart(enum reason why, int fd)
{
	uint64_t entry;

	S.armed = 0;
	trace_stock(why);
	if (fd >= 0)
		sys_close(fd);
	unmap_everything();
	program_restore(&S.program, S.saved_dynamic);
	restore_tunables();
	if (stock_map(&entry))
		fail("cannot map the installed loader");
	jump_to(entry, S.process.stack);
}

/*
 * Too late for a restart in process (ld.so has relocated): begin the exec again,
 * without MatR.  The one case is described at hook_state_event.
 */
void stock_exec(void)
{
	static char off[] = "LD_MATR_DISABLE=1";
	struct sys_mapping m = {.prot = PROT_READ | PROT_WRITE,
				.flags = MAP_PRIVATE | MAP_ANONYMOUS,
				.fd = -1};
	char **envp;
	size_t n = 0;

	while (S.process.envp[n])
		n++;
	m.bytes = (n + 2) * sizeof(*envp);
	envp = (char **)sys_mmap(&m);
	if (!sys_failed((uint64_t)envp)) {
		envp[0] = off;
		for (size_t i = 0; i <= n; i++)
			envp[i + 1] = S.process.envp[i];
		/* The name as executed keeps the process's name; it may have gone meanwhile. */
		sys_call3(SYS_EXECVE, (long)S.process.exec_name, (long)S.process.argv, (long)envp);
		sys_call3(SYS_EXECVE, (long)"/proc/self/exe", (long)S.process.argv, (long)envp);
	}
	fail("a library of the epoch was not mapped, and the program cannot be executed again");
}
