#!/bin/bash
# AT_PHDR, AT_ENTRY, AT_BASE and the vdso agree with what is mapped; other entries are the kernel's.
. "$(dirname "$0")/system.sh"
lib libone.so <<<'int one(void) { return 1; }'
prog main libone.so <<'C'
#define _GNU_SOURCE
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/auxv.h>
extern char _start[], __ehdr_start[];
extern int one(void);
static int each(struct dl_phdr_info *i, size_t n, void *data)
{
	if (i->dlpi_addr == getauxval(AT_BASE) && strstr(i->dlpi_name, "/ld-"))
		(*(int *)data)++;
	return 0;
}
int main(void)
{
	ElfW(Ehdr) *e = (void *)__ehdr_start;
	ElfW(Phdr) *p = (void *)getauxval(AT_PHDR);
	int loaders = 0;
	dl_iterate_phdr(each, &loaders);
	printf("entry %d phdr %d phnum %d base %d\n", getauxval(AT_ENTRY) == (unsigned long)_start,
	       (char *)p == __ehdr_start + e->e_phoff, getauxval(AT_PHNUM) == e->e_phnum, loaders * one());
	printf("vdso %d pagesize %lu uid %d secure %lu\n", !memcmp((void *)getauxval(AT_SYSINFO_EHDR), ELFMAG, 4),
	       getauxval(AT_PAGESZ), getauxval(AT_UID) == getuid(), getauxval(AT_SECURE));
	return 0;
}
C
both ./main <<'E'
entry 1 phdr 1 phnum 1 base 1
vdso 1 pagesize 4096 uid 1 secure 0
E
