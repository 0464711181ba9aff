#!/bin/bash
# An auditor (LD_AUDIT) is told of every object and every binding, as under stock.
. "$(dirname "$0")/system.sh"
fixture
lib audit.so <<'C'
#define _GNU_SOURCE
#include <link.h>
#include <stdio.h>
#include <string.h>
unsigned la_version(unsigned v) { return v; }
unsigned la_objopen(struct link_map *m, Lmid_t id, uintptr_t *c)
{
	const char *n = strrchr(m->l_name, '/');
	if (n && (!strcmp(n, "/libone.so") || !strcmp(n, "/libtwo.so")))
		fprintf(stderr, "open %s\n", n);
	return LA_FLG_BINDTO | LA_FLG_BINDFROM;
}
uintptr_t la_symbind64(Elf64_Sym *s, unsigned n, uintptr_t *r, uintptr_t *d, unsigned *f, const char *name)
{
	if (!strcmp(name, "two"))
		fprintf(stderr, "bind %s\n", name);
	return s->st_value;
}
C
fast ./main <main.expected
run_into audit.out LD_AUDIT="$FOLDER/audit.so" ./main.stock
has 'open /libone.so' audit.out
has 'open /libtwo.so' audit.out
has 'bind two' audit.out
falls ld-variable LD_AUDIT="$FOLDER/audit.so" ./main <audit.out
