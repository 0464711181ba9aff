/*
 * hook.c - answering ld.so's mmap calls
 *
 * Environment: inside an mmap call of ld.so, on its stack, in the only thread,
 * before relocation and before anything is registered with the kernel.  ld.so
 * maps the members one after the other; every call is compared with the plan:
 *
 *   reservation  anonymous, PROT_NONE, no address (glibc >= 2.35, large p_align)
 *   first call   the whole span, from the library's descriptor; the shim maps only
 *                the first segment where the others follow without a hole, so
 *                that nothing has to be split and unmapped again
 *   later calls  fixed addresses inside the span: segments, then .bss
 *
 * Whatever is no part of a member (ld.so.cache, ld.so's own memory) passes
 * through and is remembered for a restart.  True after the last planned call:
 * the closure is complete at its addresses, the executable's words are in
 * place, the hook is disarmed for good and its state is read-only.
 */
#include "ldso-shim/shim.h"

#include "image/apply.h"
#include "image/loader_path.h"
#include "ldso-shim/sys.h"

struct call {
	uint64_t address, bytes, offset;
	int prot, flags, fd;
};

static long pass_through(const struct call *c)
{
	struct sys_mapping m = {.address = c->address,
				.bytes = c->bytes,
				.offset = c->offset,
				.prot = c->prot,
				.flags = c->flags,
				.fd = c->fd};

	return (long)sys_mmap(&m);
}

static void remember_stray(uint64_t at, uint64_t bytes)
{
	struct range64 *last = &S.hook.strays[S.hook.stray_count - 1];

	bytes = (bytes + MATR_PAGE - 1) & ~(uint64_t)(MATR_PAGE - 1);
	if (S.hook.stray_count && at + bytes == last->address) {
		last->address = at; /* ld.so's memory grows downwards, side by side */
		last->bytes += bytes;
	} else if (S.hook.stray_count < MAX_STRAYS) {
		S.hook.strays[S.hook.stray_count++] = (struct range64){at, bytes};
	}
}

static long pass_and_remember(const struct call *c)
{
	long at = pass_through(c);

	if (!sys_failed((uint64_t)at))
		remember_stray((uint64_t)at, c->bytes);
	return at;
}

static const struct matr_member *current_member(void)
{
	return &S.image.members[S.hook.member];
}

static const struct matr_segment *next_segment(void)
{
	return &S.image.segments[current_member()->segments.offset + S.hook.call];
}

static int build_id_matches(const struct matr_member *m)
{
	const uint8_t *have = (const uint8_t *)m->build_id_address;
	const uint8_t *want = S.image.build_ids + m->build_id.offset;

	for (uint32_t i = 0; m->build_id_address && i < m->build_id.count; i++)
		if (have[i] != want[i])
			return 0;
	return 1;
}

/* The words of the executable and of its .dynamic; nothing of it was written before. */
static void finish_executable(void)
{
	const struct matr_image_header *h = S.image.header;
	const struct matr_word *words = S.image.words;
	uint64_t base = S.program.base;

	matr_materialise(words + h->exe_words.offset, h->exe_words.count, base, 0);
	matr_materialise(words + h->exe_plain.offset, h->exe_plain.count, base, 0);
	matr_materialise(words + h->exe_relative.offset, h->exe_relative.count, base, base);
	matr_materialise(words + h->exe_dynamic.offset, h->exe_dynamic.count, base, 0);
	/* ld.so has added the load address to the pointers in .dynamic already. */
	if (h->exe_dynamic_rela)
		*(uint64_t *)(base + h->exe_dynamic_rela) = (uint64_t)S.image.residuals;
}

const struct public_debug *hook_debug(void)
{
	for (const Elf64_Dyn *d = S.program.dynamic; d->d_tag != DT_NULL; d++)
		if (d->d_tag == DT_DEBUG && d->d_un.d_ptr)
			return (const void *)d->d_un.d_ptr;
	return 0;
}

/*
 * ld.so names itself after PT_INTERP, which may be the shim.  Debuggers and dl_iterate_phdr shall
 * see what they see without MatR, wherever the installed file lies.
 */
static void name_loader(void)
{
	const struct public_debug *debug = hook_debug();
	const char *name = matr_loader_path(LOADER_PATH_LINK);

	for (struct public_map *m = debug ? debug->r_map : 0; m; m = m->l_next)
		if (m->l_ld == S.image.header->loader_dynamic)
			m->l_name = name;
}

static void disarm(void)
{
	uint64_t start = (uint64_t)&S & ~(uint64_t)(MATR_PAGE - 1);
	uint64_t end = ((uint64_t)(&S + 1) + MATR_PAGE - 1) & ~(uint64_t)(MATR_PAGE - 1);

	S.armed = ARMED_NOT;
	sys_mprotect(start, end - start, PROT_READ);
}

static void member_complete(void)
{
	S.hook.call = 0;
	S.hook.reserved = 0;
	if (++S.hook.member < S.image.header->members.count)
		return;
	finish_executable();
	name_loader();
	trace_epoch(S.image.header->epoch);
	epoch_close_pages();
	S.armed = ARMED_COMPLETE;
}

/* Words of a writable segment that has just been mapped: fixups, and a private table. */
static void fill_segment(const struct matr_member *m, const struct matr_segment *s)
{
	const struct matr_word *f = S.image.fixups + m->fixups.offset;
	const struct matr_word *w = S.image.words + m->words.offset;

	slide_segment(s);
	for (uint32_t i = 0; i < m->words.count; i++)
		if (w[i].where - s->address < s->bytes)
			matr_materialise(&w[i], 1, 0, 0);
	for (uint32_t i = 0; i < m->fixups.count; i++)
		if (f[i].where - s->address < s->bytes)
			matr_materialise(&f[i], 1, 0, S.program.base);
}

static uint64_t page_up(uint64_t n)
{
	return (n + MATR_PAGE - 1) & ~(uint64_t)(MATR_PAGE - 1);
}

/*
 * Each segment begins where the file's part of the one before it ends: every page of the
 * span gets its own call.  Where ld.so sees a hole, it makes everything behind the first
 * segment inaccessible, which must be mapped for that.
 */
static int without_holes(const struct matr_member *m)
{
	const struct matr_segment *s = &S.image.segments[m->segments.offset];
	uint64_t end = s->address + s->source_offset;

	for (uint32_t i = 1; i < m->segments.count; i++) {
		if (s[i].address != end || s[i - 1].source == MATR_SOURCE_ANONYMOUS)
			return 0;
		end = page_up(s[i].address + s[i].bytes);
	}
	return m->segments.count > 1 && s->source_offset && end == page_up(m->start + m->span);
}

/* Bytes of the present member that are mapped; what lies behind may be somebody else's. */
uint64_t hook_mapped_bytes(void)
{
	const struct matr_member *m = current_member();

	if (S.hook.call == 0)
		return S.hook.reserved ? m->reserve_bytes : 0;
	if (S.hook.piecewise)
		return next_segment()->address - m->start;
	return m->span;
}

/* A planned mapping, made; checks its place and goes on to the next expected call. */
static long made(uint64_t at, const struct matr_segment *s, const struct call *c)
{
	const struct matr_member *m = current_member();

	if (at != s->address) {
		if (!sys_failed(at)) /* a kernel before 4.17 takes NOREPLACE for a hint */
			sys_munmap(at, S.hook.call == 0 && S.hook.piecewise ? s[1].address - s->address
									    : c->bytes);
		restart(at == (uint64_t)-17 /* EEXIST */ || !sys_failed(at) ? REASON_ADDRESS_TAKEN
									    : REASON_MAP_FAILED,
			S.hook.fd);
	}
	if (S.hook.call == 0 && !build_id_matches(m)) {
		S.hook.call = 1;
		restart(REASON_LIBRARY_CHANGED, c->fd);
	}
	if (S.hook.call > 0 && (s->prot & PROT_WRITE) && s->source != MATR_SOURCE_ANONYMOUS)
		fill_segment(m, s);
	if (++S.hook.call == m->segments.count)
		member_complete();
	return (long)at;
}

static int is_file_of(const struct matr_member *m, int fd)
{
	struct file_facts f;

	return file_facts(fd, &f) && identity_matches(&f.identity, &m->identity);
}

static void check_file(const struct matr_member *m, int fd)
{
	if (!is_file_of(m, fd))
		restart(REASON_LIBRARY_CHANGED, fd);
	S.hook.fd = fd;
}

/* ld.so reads a file's headers before it maps it, and of others before it passes them over. */
long hook_read(int fd, uint8_t *to, uint64_t bytes)
{
	const struct matr_member *m = current_member();
	long n = sys_read(fd, to, bytes);

	if (S.hook.call > 0)
		return n;
	S.hook.viewed = 0;
	S.hook.headers_at = 0;
	if (n > EI_CLASS && to[0] == ELFMAG0 && to[1] == ELFMAG1 && m->view_address &&
	    is_file_of(m, fd)) {
		S.hook.fd = fd;
		view_file(m, to, (uint64_t)n);
	}
	return n;
}

/* The headers of the file that hook_read saw last. */
long hook_pread(int fd, uint8_t *to, uint64_t bytes, uint64_t offset)
{
	long n = sys_call6(SYS_PREAD64, fd, (long)to, (long)bytes, (long)offset, 0, 0);

	if (S.hook.call == 0 && S.hook.headers_at && offset == S.hook.headers_at &&
	    fd == S.hook.fd && n == (long)bytes)
		view_headers(current_member(), (Elf64_Phdr *)to, bytes / sizeof(Elf64_Phdr));
	return n;
}

static int agrees(const struct call *c, const struct matr_segment *s)
{
	return c->bytes == s->bytes && c->prot == (int)s->prot && c->offset == s->offset;
}

static long first_call(const struct call *c)
{
	const struct matr_member *m = current_member();
	const struct matr_segment *s = next_segment();
	struct sys_mapping map = {.address = s->address,
				  .bytes = c->bytes,
				  .offset = c->offset,
				  .prot = c->prot,
				  .flags = c->flags | MAP_FIXED_NOREPLACE,
				  .fd = c->fd};

	if (S.hook.doomed)
		restart(S.hook.doomed, c->fd);
	if (!S.hook.viewed || S.hook.fd != c->fd)
		check_file(m, c->fd);
	if (!agrees(c, s) || (m->view_address && !S.hook.viewed))
		restart(REASON_PLAN_DIFFERS, c->fd);
	S.hook.relro = m->relro_bytes;
	S.hook.piecewise = !S.hook.reserved && without_holes(m);
	if (S.hook.piecewise)
		map.bytes = s[1].address - s->address;
	if (S.hook.reserved) {
		/* Over our own reservation; ld.so asks for exactly this place. */
		map.flags = c->flags;
		if (c->address != s->address)
			restart(REASON_PLAN_DIFFERS, c->fd);
	}
	return made(sys_mmap(&map), s, c);
}

/*
 * The first segment of pages where a part of it is read-only from the start: two mappings in
 * place of one that ld.so would split.
 */
static uint64_t map_in_two(struct call c, uint64_t relro, int prot)
{
	struct call first = c;
	uint64_t at;

	first.bytes = relro;
	first.prot = prot;
	at = (uint64_t)pass_through(&first);
	if (at != c.address || c.bytes <= relro)
		return at;
	c.address += relro;
	c.bytes -= relro;
	c.offset += relro;
	at = (uint64_t)pass_through(&c);
	if (at == c.address)
		return at - relro;
	sys_munmap(first.address, relro);
	return at;
}

static long later_call(const struct call *c)
{
	const struct matr_segment *s = next_segment();
	int writes = current_member()->words.count || current_member()->fixups.count ||
		     S.image.header->slide_align;
	struct call real = *c;
	uint64_t relro = 0;
	long at;

	if (c->address != s->address || !agrees(c, s) ||
	    (s->source == MATR_SOURCE_ANONYMOUS) != ((c->flags & MAP_ANONYMOUS) != 0) ||
	    (s->source != MATR_SOURCE_ANONYMOUS && c->fd != S.hook.fd))
		restart(REASON_PLAN_DIFFERS, S.hook.fd);
	if (S.hook.piecewise)
		real.flags |= MAP_FIXED_NOREPLACE;
	if (s->source == MATR_SOURCE_PAGES) {
		real.fd = S.pages_fd[s->layer];
		real.offset = s->source_offset;
		relro = S.hook.relro;
		S.hook.relro = 0;
	}
	if (!relro)
		return made((uint64_t)pass_through(&real), s, c);
	at = made(map_in_two(real, relro, writes ? c->prot : PROT_READ), s, c);
	if (writes)
		sys_mprotect((uint64_t)at, relro, PROT_READ);
	return at;
}

/* ld.so's descriptor is not known here: a mismatch is kept for the next call that has it. */
static long reservation(const struct call *c)
{
	const struct matr_member *m = current_member();
	struct sys_mapping map = {.address = m->start,
				  .bytes = c->bytes,
				  .prot = c->prot,
				  .flags = c->flags | MAP_FIXED_NOREPLACE,
				  .fd = c->fd};
	uint64_t at;

	if (S.hook.doomed || c->bytes != m->reserve_bytes) {
		S.hook.doomed = REASON_PLAN_DIFFERS;
		return pass_and_remember(c);
	}
	at = sys_mmap(&map);
	if (at != m->start) {
		if (!sys_failed(at))
			sys_munmap(at, c->bytes);
		S.hook.doomed = REASON_ADDRESS_TAKEN;
		return pass_and_remember(c);
	}
	S.hook.reserved = 1;
	return (long)at;
}

long hook_mmap(uint64_t address, uint64_t bytes, int prot, int flags, int fd, uint64_t offset)
{
	struct call c = {address, bytes, offset, prot, flags, fd};

	if (S.hook.call > 0)
		return (flags & MAP_FIXED) ? later_call(&c) : pass_and_remember(&c);
	if (fd >= 0 && (flags & MAP_DENYWRITE))
		return first_call(&c);
	if (fd < 0 && prot == PROT_NONE && !(flags & MAP_FIXED))
		return reservation(&c);
	return pass_and_remember(&c);
}

/* ld.so's state as debuggers see it; "adding" where it has told none yet. */
static int loader_is_adding(void)
{
	const struct public_debug *debug = hook_debug();

	return !debug || debug->r_state == 1;
}

/*
 * The debugger's event while still armed.  "Adding" comes before anything is mapped.
 * When it comes again relocation is done.  If the closure is not complete then, ld.so needed
 * fewer files than planned (a library became a link to another one of the closure): what was
 * bound to the missing ones would dangle, so the exec begins again without MatR.  With
 * nothing mapped by plan, all is as under the stock loader.
 */
void hook_state_event(void)
{
	name_loader();
	if (loader_is_adding())
		return;
	if (S.armed == ARMED_COMPLETE)
		view_end();
	else if (S.hook.member > 0 || S.hook.call > 0)
		stock_exec();
	else
		epoch_close_pages();
	disarm();
}
