/*
 * unit_code_sites.c - redirecting instructions of a loader
 *
 * A table of small pieces of code: where a jump may be written, and where not.
 * Those that are redirected are run: a handler of ours answers, and all that the
 * piece returns must be what it says.
 */
#include "epochd/code_sites.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static unsigned passed, failed;

#define CHECK(what, name)                                                                          \
	do {                                                                                       \
		if (what) {                                                                        \
			passed++;                                                                  \
		} else {                                                                           \
			failed++;                                                                  \
			printf("unit_code_sites.c:%d: %s: %s\n", __LINE__, name, #what);          \
		}                                                                                  \
	} while (0)

struct piece {
	const char *name;
	unsigned sites;     /* that are redirected */
	unsigned reads;     /* calls of read and pread64, redirected or not */
	unsigned long sum;  /* returned: eax + ebx + ecx + edx of the handler and more; 0: not run */
	unsigned size;
	unsigned char code[64];
};

/* The handler answers eax = leaf + 1, ebx = 2, ecx = subleaf + 3, edx = 4. */
#define PUSH 0x53
#define SUM 0x01, 0xd8, 0x01, 0xc8, 0x01, 0xd0 /* add ebx, ecx, edx to eax */
#define POP_RET 0x5b, 0xc3
#define CPUID 0x0f, 0xa2
#define EAX(n) 0xb8, n, 0, 0, 0

#define PIECE(name, sites, reads, sum, ...)                                                        \
	{ name, sites, reads, sum, sizeof((unsigned char[]){__VA_ARGS__}), {__VA_ARGS__} }

static const struct piece pieces[] = {
	PIECE("leaf loaded before", 1, 0, 7 + 1 + 2 + 5 + 3 + 4,
	      PUSH, EAX(7), 0xb9, 5, 0, 0, 0, CPUID, SUM, POP_RET),
	PIECE("short moves before", 1, 0, 4 + 1 + 2 + 9 + 3 + 4,
	      PUSH, 0xbe, 9, 0, 0, 0, 0xb8, 4, 0, 0, 0, 0x89, 0xf1, CPUID, SUM, POP_RET),
	PIECE("only code behind it can move", 1, 0, 1 + 2 + 0 + 3 + 4 + 5,
	      /* xor eax,eax; xor ecx,ecx; jz over; over: cpuid; add $5,%ecx; ... */
	      PUSH, 0x31, 0xc0, 0x31, 0xc9, 0x74, 0x00, CPUID, 0x83, 0xc1, 0x05, SUM, POP_RET),
	PIECE("a loop to the start of what moves", 1, 0, 2 + 1 + 2 + 1 + 3 + 4,
	      /* mov $1,%esi; again: mov $2,%eax; mov %esi,%ecx; cpuid; dec %esi; js again */
	      PUSH, 0xbe, 1, 0, 0, 0, EAX(2), 0x89, 0xf1, CPUID, 0xff, 0xce, 0x78, 0xf3, SUM, POP_RET),
	PIECE("a jump between the instructions that would move", 0, 0, 0,
	      /* jmp to the second mov; mov %edi,%eax; mov %esi,%ecx; cpuid; js to the cpuid */
	      PUSH, 0xeb, 0x02, 0x89, 0xf8, 0x89, 0xf1, CPUID, 0x78, 0xfc, SUM, POP_RET),
	PIECE("a branch behind, a return before", 0, 0, 0,
	      0xc3, CPUID, 0x74, 0x00, 0xc3),
	PIECE("two in a row", 2, 0, 0,
	      PUSH, EAX(4), CPUID, EAX(2), CPUID, SUM, POP_RET),
	PIECE("read", 1, 1, 0 + 1 + 2 + 3 + 4,
	      /* cmp behind it moves too */
	      PUSH, 0x31, 0xc9, 0x31, 0xc0, 0x0f, 0x05, 0x48, 0x3d, 0, 0xf0, 0xff, 0xff, SUM, POP_RET),
	PIECE("pread64", 1, 1, 17 + 1 + 2 + 3 + 4,
	      PUSH, 0x31, 0xc9, EAX(17), 0x0f, 0x05, SUM, POP_RET),
	PIECE("another system call", 0, 0, 0, PUSH, EAX(3), 0x0f, 0x05, SUM, POP_RET),
	PIECE("no code", 0, 0, 0,
	      PUSH, EAX(4), CPUID, 0x06 /* none in 64-bit mode */, POP_RET),
};

__asm__(".text\nhandler: inc %eax\nmov $2,%ebx\nadd $3,%ecx\nmov $4,%edx\nret\n");
extern char handler[];

/* A file in memory that looks like a loader: one page of code, one page with the pointer. */
static unsigned char *file;

static unsigned redirect(const struct piece *p)
{
	Elf64_Phdr phdr[2] = {
		{.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_filesz = p->size, .p_memsz = p->size},
		{.p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_offset = MATR_PAGE, .p_vaddr = MATR_PAGE,
		 .p_filesz = 8, .p_memsz = 8},
	};
	struct loader_code c = {.file = file, .file_bytes = 2 * MATR_PAGE, .phdr = phdr, .phdr_count = 2,
				.cpuid_entry = MATR_PAGE, .read_entry = MATR_PAGE, .pread_entry = MATR_PAGE};
	struct code_sites sites;

	memset(file, 0, 2 * MATR_PAGE);
	memcpy(file, p->code, p->size);
	*(void **)(file + MATR_PAGE) = handler;
	sites = code_sites_redirect(&c);
	CHECK(sites.read + sites.read_left + sites.pread + sites.pread_left == p->reads, p->name);
	return sites.cpuid + sites.read + sites.pread;
}

int main(void)
{
	file = mmap(NULL, 2 * MATR_PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		const struct piece *p = &pieces[i];
		unsigned sites = redirect(p);

		CHECK(sites == p->sites, p->name);
		CHECK(p->sites || !memcmp(file, p->code, sizeof(p->code)), p->name);
		if (p->sum && sites)
			CHECK(((unsigned long (*)(void))(void *)file)() == p->sum, p->name);
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
