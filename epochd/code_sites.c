#include "epochd/code_sites.h"

#include "common/arena.h"

#include <capstone/capstone.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define JUMP_BYTES 5u
#define SITE_BYTES 2u /* of cpuid, of syscall */
#define MAX_STUB 96u
#define MAX_TABLE 1024u /* entries of a switch that are looked at */

/* What is known of a byte of code. */
enum {
	STARTS = 1,   /* an instruction starts here */
	TARGET = 2,   /* something may jump here */
	MOVABLE = 4,  /* the instruction means the same elsewhere, its displacement adjusted */
	RELATIVE = 8, /* it has a displacement from the instruction pointer */
	TAKEN = 16,   /* a jump has been written over it */
	CPUID = 32,
	READ = 64,
	PREAD = 128,
};

struct text {
	struct loader_code *code;
	uint8_t *bytes;
	uint64_t vaddr;
	uint32_t size, room;          /* bytes of code; zeros behind them, to the page's end */
	uint32_t stubs;               /* bytes of room that are used */
	uint8_t *flags;               /* one per byte */
	uint8_t *length;              /* of the instruction that starts there */
	uint8_t *displacement;        /* where in it, if RELATIVE */
};

struct window {
	uint32_t start, site, end; /* offsets into the text; start..end moves into the stub */
};

static bool find_text(struct text *t)
{
	const struct loader_code *c = t->code;
	const Elf64_Phdr *text = NULL;
	uint64_t end;

	for (size_t i = 0; i < c->phdr_count; i++) {
		if (c->phdr[i].p_type != PT_LOAD || !(c->phdr[i].p_flags & PF_X))
			continue;
		if (text)
			return false;
		text = &c->phdr[i];
	}
	if (!text || text->p_filesz != text->p_memsz)
		return false;
	t->bytes = c->file + text->p_offset;
	t->vaddr = text->p_vaddr;
	t->size = (uint32_t)text->p_filesz;
	end = text->p_offset + text->p_filesz;
	while ((end + t->room) % MATR_PAGE && end + t->room < c->file_bytes &&
	       !c->file[end + t->room])
		t->room++;
	for (size_t i = 0; i < c->phdr_count; i++)
		if (c->phdr[i].p_type == PT_LOAD && &c->phdr[i] != text &&
		    c->phdr[i].p_offset < end + t->room &&
		    c->phdr[i].p_offset + c->phdr[i].p_filesz > end)
			return false;
	return true;
}

static void mark(struct text *t, uint64_t vaddr)
{
	if (vaddr - t->vaddr < t->size)
		t->flags[vaddr - t->vaddr] |= TARGET;
}

/* Perhaps the table of a switch: distances from its own start to where its cases are. */
static void mark_table(struct text *t, uint64_t vaddr)
{
	for (size_t i = 0; i < t->code->phdr_count; i++) {
		const Elf64_Phdr *p = &t->code->phdr[i];
		uint64_t at = vaddr - p->p_vaddr;
		int32_t distance;

		if (p->p_type != PT_LOAD || (p->p_flags & PF_X) || vaddr < p->p_vaddr)
			continue;
		for (unsigned n = 0; n < MAX_TABLE && at + 4 <= p->p_filesz; n++, at += 4) {
			memcpy(&distance, t->code->file + p->p_offset + at, 4);
			if (vaddr + (uint64_t)distance - t->vaddr >= t->size)
				return;
			mark(t, vaddr + (uint64_t)distance);
		}
	}
}

/* It goes somewhere else, or asks the kernel; a nop may stand between two functions. */
static bool stays(const cs_insn *n)
{
	const cs_detail *d = n->detail;

	for (unsigned i = 0; i < d->groups_count; i++)
		switch (d->groups[i]) {
		case CS_GRP_JUMP:
		case CS_GRP_CALL:
		case CS_GRP_RET:
		case CS_GRP_INT:
		case CS_GRP_IRET:
		case CS_GRP_PRIVILEGE:
			return true;
		}
	switch (n->id) {
	case X86_INS_NOP:
	case X86_INS_SYSCALL:
	case X86_INS_SYSENTER:
	case X86_INS_CPUID:
	case X86_INS_LOOP:
	case X86_INS_LOOPE:
	case X86_INS_LOOPNE:
	case X86_INS_XBEGIN:
	case X86_INS_UD2:
	case X86_INS_ENDBR64:
		return true;
	default:
		return false;
	}
}

/* Where an operand says to go or what its address is: an immediate of a branch, or from rip. */
static bool target_of(const cs_insn *n, bool *from_rip, uint64_t *target)
{
	const cs_x86 *x = &n->detail->x86;

	*from_rip = false;
	for (unsigned i = 0; i < x->op_count; i++) {
		const cs_x86_op *op = &x->operands[i];

		if (op->type == X86_OP_MEM && op->mem.base == X86_REG_RIP) {
			*from_rip = true;
			*target = n->address + n->size + (uint64_t)op->mem.disp;
			return true;
		}
		if (op->type == X86_OP_IMM && stays(n)) {
			*target = (uint64_t)op->imm;
			return true;
		}
	}
	return false;
}

static const uint8_t zero_eax[] = {0x31, 0xc0}, pread64_eax[] = {0xb8, 0x11, 0, 0, 0};

static bool follows(const struct text *t, uint32_t at, const uint8_t *before, uint32_t n)
{
	return at >= n && (t->flags[at - n] & STARTS) && !memcmp(t->bytes + at - n, before, n);
}

static void note(struct text *t, uint32_t at, const cs_insn *n)
{
	const cs_x86 *x = &n->detail->x86;
	uint64_t target = 0;
	bool from_rip, has_target = target_of(n, &from_rip, &target);

	t->flags[at] |= STARTS;
	t->length[at] = (uint8_t)n->size;
	if (n->id == X86_INS_CPUID)
		t->flags[at] |= CPUID;
	if (n->id == X86_INS_SYSCALL)
		t->flags[at] |= follows(t, at, zero_eax, sizeof(zero_eax)) ? READ
				: follows(t, at, pread64_eax, sizeof(pread64_eax)) ? PREAD
										  : 0;
	if (has_target && (!from_rip || n->id == X86_INS_LEA))
		mark(t, target);
	if (from_rip && n->id == X86_INS_LEA)
		mark_table(t, target);
	if (stays(n) || (from_rip && x->encoding.disp_size != 4))
		return;
	t->flags[at] |= from_rip ? MOVABLE | RELATIVE : MOVABLE;
	t->displacement[at] = x->encoding.disp_offset;
}

static bool decode(struct text *t)
{
	const uint8_t *code = t->bytes;
	size_t left = t->size;
	uint64_t address = t->vaddr;
	cs_insn *n;
	csh handle;

	if (cs_open(CS_ARCH_X86, CS_MODE_64, &handle) != CS_ERR_OK)
		return false;
	cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON);
	n = cs_malloc(handle);
	while (left && cs_disasm_iter(handle, &code, &left, &address, n))
		note(t, (uint32_t)(n->address - t->vaddr), n);
	cs_free(n, 1);
	cs_close(&handle);
	return left == 0;
}

/* Start of the instruction that ends at `at`, or `at` itself where there is none to move. */
static uint32_t movable_before(const struct text *t, uint32_t at)
{
	for (uint32_t n = 1; n <= 15 && n <= at; n++)
		if ((t->flags[at - n] & STARTS) && t->length[at - n] == n)
			return (t->flags[at - n] & (MOVABLE | TAKEN)) == MOVABLE ? at - n : at;
	return at;
}

static bool nothing_jumps_into(const struct text *t, uint32_t start)
{
	for (uint32_t i = start; i < start + JUMP_BYTES; i++)
		if (t->flags[i] & TAKEN || (i > start && t->flags[i] & TARGET))
			return false;
	return true;
}

static bool extend_forward(const struct text *t, struct window *w)
{
	for (w->end = w->site + SITE_BYTES; w->end - w->start < JUMP_BYTES;
	     w->end += t->length[w->end])
		if (w->end >= t->size || (t->flags[w->end] & (MOVABLE | TAKEN)) != MOVABLE)
			return false;
	return nothing_jumps_into(t, w->start);
}

/* What stands before the instruction is taken first, then what comes after it. */
static bool choose_window(const struct text *t, uint32_t site, struct window *w)
{
	uint32_t before = site;

	w->site = site;
	for (w->start = site; site + SITE_BYTES - w->start < JUMP_BYTES; w->start = before) {
		before = movable_before(t, w->start);
		if (before == w->start)
			break;
	}
	if (extend_forward(t, w))
		return true;
	w->start = site;
	return extend_forward(t, w);
}

struct stub {
	uint8_t bytes[MAX_STUB];
	uint32_t size;
	uint64_t vaddr;
};

static void emit(struct stub *s, const void *bytes, uint32_t n)
{
	memcpy(s->bytes + s->size, bytes, n);
	s->size += n;
}

/* An instruction whose last four bytes are the distance to `target`. */
static void emit_to(struct stub *s, const void *opcode, uint32_t n, uint64_t target)
{
	int32_t distance = (int32_t)(target - (s->vaddr + s->size + n + 4));

	emit(s, opcode, n);
	emit(s, &distance, 4);
}

static void move(const struct text *t, struct stub *s, uint32_t from, uint32_t to)
{
	for (uint32_t at = from; at < to; at += t->length[at]) {
		uint8_t *copy = s->bytes + s->size;
		int32_t distance;

		emit(s, t->bytes + at, t->length[at]);
		if (!(t->flags[at] & RELATIVE))
			continue;
		memcpy(&distance, copy + t->displacement[at], 4);
		distance += (int32_t)(t->vaddr + at + t->length[at] - (s->vaddr + s->size));
		memcpy(copy + t->displacement[at], &distance, 4);
	}
}

static bool redirect(struct text *t, const struct window *w, uint64_t entry)
{
	static const uint8_t keep_red_zone[] = {0x48, 0x8d, 0x64, 0x24, 0x80};
	static const uint8_t give_back[] = {0x48, 0x8d, 0xa4, 0x24, 0x80, 0, 0, 0};
	static const uint8_t call[] = {0xff, 0x15}, jump[] = {0xe9};
	struct stub s = {.vaddr = t->vaddr + t->size + t->stubs};
	struct stub site = {.vaddr = t->vaddr + w->start};

	move(t, &s, w->start, w->site);
	emit(&s, keep_red_zone, sizeof(keep_red_zone));
	emit_to(&s, call, sizeof(call), entry);
	emit(&s, give_back, sizeof(give_back));
	move(t, &s, w->site + SITE_BYTES, w->end);
	emit_to(&s, jump, sizeof(jump), t->vaddr + w->end);
	if (s.size > t->room - t->stubs)
		return false;
	emit_to(&site, jump, sizeof(jump), s.vaddr);
	memcpy(t->bytes + t->size + t->stubs, s.bytes, s.size);
	memcpy(t->bytes + w->start, site.bytes, JUMP_BYTES);
	for (uint32_t i = w->start; i < w->end; i++)
		t->flags[i] |= TAKEN;
	t->stubs += s.size;
	return true;
}

static void redirect_all(struct text *t, struct code_sites *out)
{
	struct {
		uint8_t kind;
		uint64_t entry;
		unsigned *done, *left;
	} kinds[] = {
		{CPUID, t->code->cpuid_entry, &out->cpuid, NULL},
		{READ, t->code->read_entry, &out->read, &out->read_left},
		{PREAD, t->code->pread_entry, &out->pread, &out->pread_left},
	};
	struct window w;

	for (uint32_t at = 0; at < t->size; at++)
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
			if (!(t->flags[at] & kinds[k].kind))
				continue;
			if (choose_window(t, at, &w) && redirect(t, &w, kinds[k].entry))
				++*kinds[k].done;
			else if (kinds[k].left)
				++*kinds[k].left;
		}
}

struct code_sites code_sites_redirect(struct loader_code *code)
{
	struct text t = {.code = code};
	struct code_sites sites = {0};

	if (!find_text(&t))
		return sites;
	t.flags = xcalloc(t.size + JUMP_BYTES, 1);
	t.length = xcalloc(t.size + JUMP_BYTES, 1);
	t.displacement = xcalloc(t.size + JUMP_BYTES, 1);
	if (decode(&t))
		redirect_all(&t, &sites);
	free(t.flags);
	free(t.length);
	free(t.displacement);
	return sites;
}
