/*
 * debugger.c - a debugger's breakpoint on the stock path
 *
 * Environment: the installed loader has just been mapped and has not run.
 *
 * gdb plants its breakpoint for the loader's events at _dl_debug_state of the
 * file that PT_INTERP names, which is the shim; the installed loader calls its
 * own function of that name.  So where, and only where, there is a breakpoint
 * at S.debug_state, the loader's is made to jump to it.  Without a debugger
 * nothing of the loader is touched.
 */
#include "ldso-shim/shim.h"

#include "ldso-shim/sys.h"

#define RET 0xc3
#define BREAKPOINT 0xcc

/* In every ld.so .dynstr directly follows .dynsym: it ends the walk. */
static uint64_t find_debug_state(uint64_t base, const Elf64_Dyn *d)
{
	const Elf64_Sym *symbol = NULL;
	const char *strings = NULL;

	for (; d->d_tag != DT_NULL; d++) {
		if (d->d_tag == DT_SYMTAB)
			symbol = (const Elf64_Sym *)(base + d->d_un.d_ptr);
		else if (d->d_tag == DT_STRTAB)
			strings = (const char *)(base + d->d_un.d_ptr);
	}
	for (; symbol && (const char *)(symbol + 1) <= strings; symbol++)
		if (symbol->st_shndx != SHN_UNDEF &&
		    text_equal(strings + symbol->st_name, "_dl_debug_state"))
			return base + symbol->st_value;
	return 0;
}

/* An empty function at a 16-byte boundary: endbr64 or not, then ret. */
static int has_room(const uint8_t *at)
{
	if (at[0] == 0xf3 && at[1] == 0x0f && at[2] == 0x1e && at[3] == 0xfa)
		at += 4;
	return at[0] == RET || (at[0] == 0xf3 && at[1] == RET);
}

/* jmp *0(%rip), and the address behind it. */
static void write_jump(uint8_t *at)
{
	static const uint8_t jump[6] = {0xff, 0x25, 0, 0, 0, 0};
	uint64_t target = S.debug_state;

	for (unsigned i = 0; i < sizeof(jump); i++)
		at[i] = jump[i];
	for (unsigned i = 0; i < 8; i++)
		at[6 + i] = (uint8_t)(target >> (8 * i));
}

uint64_t debugger_follow(uint64_t base, uint64_t dynamic)
{
	uint64_t at, page;

	if (*(const volatile uint8_t *)S.debug_state != BREAKPOINT)
		return 0;
	at = find_debug_state(base, (const Elf64_Dyn *)(base + dynamic));
	if (!at || at % 16 || !has_room((const uint8_t *)at))
		return 0;
	page = at & ~(uint64_t)(MATR_PAGE - 1);
	if (sys_mprotect(page, MATR_PAGE, PROT_READ | PROT_WRITE) < 0)
		return 0;
	write_jump((uint8_t *)at);
	/* Refused under MemoryDenyWriteExecute: then gdb sees as little as without this. */
	return sys_mprotect(page, MATR_PAGE, PROT_READ | 4 /* PROT_EXEC */) < 0 ? page : 0;
}
