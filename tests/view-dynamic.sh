#!/bin/bash
# After start every library's dynamic section, link map and headers are as under the stock loader.
. "$(dirname "$0")/lib.sh"
lib libone.so <<'C'
	int one(void) { return 1; }
C
lib libtwo.so libone.so <<'C'
	#include <stdio.h>
	extern int one(void);
	int two(void) { putchar('2'); return one() + 1; }
C
SONAME=libother-name.so lib libthree.so <<'C'
	__thread int here = 3;
	static char zeros[9000];
	int three(void) { return here + zeros[8999]; }
C
lib liblate.so libone.so libthree.so <<'C'
	extern int one(void), three(void);
	int late(void) { return one() + three(); }
C
ln -s libthree.so libother-name.so
prog main libone.so libtwo.so libthree.so -ldl <<'C'
	#define _GNU_SOURCE
	#include <dlfcn.h>
	#include <link.h>
	#include <stdio.h>
	#include <string.h>
	extern int two(void), three(void);
	static int show(struct dl_phdr_info *i, size_t n, void *map)
	{
		struct link_map *m = map;
		for (int k = 0; k < i->dlpi_phnum; k++)
			if (i->dlpi_phdr[k].p_type == PT_DYNAMIC && i->dlpi_addr == m->l_addr)
				printf("%d", i->dlpi_addr + i->dlpi_phdr[k].p_vaddr == (size_t)m->l_ld);
		return n == 0;
	}
	int main(void)
	{
		struct link_map *m = dlopen(NULL, RTLD_NOW);
		for (m = m->l_next; m; m = m->l_next) {
			if (!strchr(m->l_name, '/') || strstr(m->l_name, "/ld-"))
				continue;
			printf("%s ", strrchr(m->l_name, '/') + 1);
			dl_iterate_phdr(show, m);
			for (ElfW(Dyn) *d = m->l_ld; d->d_tag; d++)
				if (d->d_tag != DT_PLTRELSZ || d->d_un.d_val)
					printf(" %lx:%lx", d->d_tag, d->d_un.d_ptr - (d->d_un.d_ptr >= m->l_addr ? m->l_addr : 0));
			puts("");
		}
		for (int i = 0; i < 3; i++) {
			const char *name = (const char *[]){"libone.so", "libother-name.so", "./libthree.so"}[i];
			printf("%s %d\n", name, dlopen(name, RTLD_NOW | RTLD_NOLOAD) != NULL);
		}
		void *late = dlopen("./liblate.so", RTLD_NOW);
		printf("%d %d %d\n", two(), three(), ((int (*)(void))dlsym(late, "late"))());
		return 0;
	}
C
./main.stock >expected
both ./main <expected
