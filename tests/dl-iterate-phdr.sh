#!/bin/bash
# dl_iterate_phdr lists the same objects in the same order, each with headers that lie in its span.
. "$(dirname "$0")/lib.sh"

lib libdeep.so <<<'int deep(void) { return 1; }'
lib liba.so libdeep.so <<<'int deep(void); int a(void) { return deep(); }'
prog p liba.so -lm <<'E'
#include <link.h>
#include <stdio.h>
#include <string.h>
int a(void);
static int show(struct dl_phdr_info *i, size_t bytes, void *unused)
{
	int inside = 0;
	const char *name = strrchr(i->dlpi_name, '/');
	for (int n = 0; n < i->dlpi_phnum; n++) {
		const ElfW(Phdr) *p = &i->dlpi_phdr[n];
		inside |= p->p_type == PT_LOAD && (char *)p >= (char *)i->dlpi_addr + p->p_vaddr &&
			  (char *)p < (char *)i->dlpi_addr + p->p_vaddr + p->p_memsz;
		if (p->p_type == PT_DYNAMIC && ((ElfW(Dyn) *)(i->dlpi_addr + p->p_vaddr))->d_tag > 0x7fffffff)
			puts("strange dynamic section");
	}
	/* The loader and the vdso are named after the way they were found. */
	printf("%.3s%s %d\n", name ? name + 1 : i->dlpi_name, name && name[1] == 'l' && name[2] == 'd' ? "" : name ? name + 4 : "", inside);
	return 0;
}
int main(void) { return dl_iterate_phdr(show, NULL) + a() - 1; }
E
both ./p <<'E'
 1
lin 1
liba.so 1
libm.so.6 1
libc.so.6 1
libdeep.so 1
ld- 1
E
