/*
 * process.c - the stack that the kernel made
 *
 * Environment: first thing after entry; touches only the initial stack.
 */
#include "ldso-shim/shim.h"

size_t text_length(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

int text_equal(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

int text_starts(const char *s, const char *prefix)
{
	while (*prefix)
		if (*s++ != *prefix++)
			return 0;
	return 1;
}

static void take_auxv(struct process *p, Elf64_auxv_t *a)
{
	switch (a->a_type) {
	case AT_PHDR:
		p->phdr = (const Elf64_Phdr *)a->a_un.a_val;
		break;
	case AT_PHNUM:
		p->phdr_count = a->a_un.a_val;
		break;
	case AT_BASE:
		p->base = a;
		p->own_base = a->a_un.a_val;
		break;
	case AT_ENTRY:
		p->entry = a->a_un.a_val;
		break;
	case AT_UID:
		p->uid = (uint32_t)a->a_un.a_val;
		break;
	case AT_EUID:
		p->euid = (uint32_t)a->a_un.a_val;
		break;
	case AT_SECURE:
		p->secure = a->a_un.a_val != 0;
		break;
	case AT_EXECFN:
		p->exec_name = (const char *)a->a_un.a_val;
		break;
	}
}

void process_read(struct process *p, uint64_t *stack)
{
	char **s;

	p->stack = stack;
	p->argv = (char **)(stack + 1);
	p->envp = p->argv + stack[0] + 1;
	for (s = p->envp; *s; s++)
		;
	p->auxv = (Elf64_auxv_t *)(s + 1);
	for (Elf64_auxv_t *a = p->auxv; a->a_type != AT_NULL; a++)
		take_auxv(p, a);
}

/* What lies behind an entry of the environment, auxv too, moves down over it. */
static void remove_entry(struct process *p, char **at)
{
	Elf64_auxv_t *end = p->auxv;

	while (end->a_type != AT_NULL)
		end++;
	for (uint64_t *w = (uint64_t *)at; w + 1 < (uint64_t *)(end + 1); w++)
		w[0] = w[1];
	p->auxv = (Elf64_auxv_t *)((uint64_t *)p->auxv - 1);
	if (p->base)
		p->base = (Elf64_auxv_t *)((uint64_t *)p->base - 1);
}

/* Takes every LD_MATR_... out of the environment, as glibc does with its own in secure mode. */
void process_remove_matr_variables(struct process *p)
{
	char **at = p->envp;

	while (*at)
		if (text_starts(*at, "LD_MATR_"))
			remove_entry(p, at);
		else
			at++;
}
