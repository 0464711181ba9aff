#include "epochd/code_sites.h"
#include "image/cpu.h"

#include <cpuid.h>
#include <time.h>

static void add(struct matr_gate *g, uint32_t leaf, uint32_t subleaf)
{
	struct matr_cpu_answer *a = &g->answers[g->answer_count];

	if (g->answer_count == MATR_MAX_CPU_ANSWERS)
		return; /* the rest asks the processor */
	g->answer_count++;
	a->leaf = leaf;
	a->subleaf = subleaf;
	__cpuid_count(leaf, subleaf == MATR_ANY_SUBLEAF ? 0 : subleaf, a->eax, a->ebx, a->ecx,
		      a->edx);
}

/* Leaves whose answer does not depend on ecx, the first `count` from `leaf`. */
static void add_plain(struct matr_gate *g, uint32_t leaf, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		add(g, leaf + i, MATR_ANY_SUBLEAF);
}

static void add_subleaves(struct matr_gate *g, uint32_t leaf, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		add(g, leaf, i);
}

/* Caches, one subleaf each, up to the first that is none (type 0, in the low bits of eax). */
static void add_caches(struct matr_gate *g, uint32_t leaf)
{
	for (uint32_t i = 0; i < 8 && g->answer_count < MATR_MAX_CPU_ANSWERS; i++) {
		add(g, leaf, i);
		if (!(g->answers[g->answer_count - 1].eax & 31))
			return;
	}
}

/* An identity of the core asked, not of the processor. */
static void remove_apic_id(struct matr_gate *g)
{
	for (uint32_t i = 0; i < g->answer_count; i++) {
		struct matr_cpu_answer *a = &g->answers[i];

		if (a->leaf == 1)
			a->ebx &= MATR_CPU_NO_APIC_ID;
		if (a->leaf == 0xb)
			a->edx = 0;
	}
}

void cpuid_answers_record(struct matr_gate *g)
{
	uint32_t last, last_extended, b, c, d;

	__cpuid(0, last, b, c, d);
	__cpuid(0x80000000u, last_extended, b, c, d);
	g->answer_count = 0;
	matr_cpu_signature(&g->signature);
	if (last < 7 || last_extended < 0x80000008u || last_extended > 0x8000ffffu)
		return;
	/* The oftener ld.so asks, the earlier: on Intel's processors 4 and 2. */
	add_caches(g, 4);
	add_plain(g, 2, 1);
	add_plain(g, 0, 2);
	add_subleaves(g, 7, 2);
	add_plain(g, 0x80000000u, 9);
	if (last >= 0xd)
		add_subleaves(g, 0xd, 20);
	if (last >= 0xb)
		add_subleaves(g, 0xb, 3);
	if (last >= 0x14)
		add_subleaves(g, 0x14, 2);
	if (last >= 0x19)
		add_plain(g, 0x19, 1);
	if (last >= 0x24)
		add_subleaves(g, 0x24, 1);
	if (last_extended >= 0x8000001du)
		add_caches(g, 0x8000001du);
	remove_apic_id(g);
}

unsigned cpuid_cost(void)
{
	unsigned least = ~0u, a, b, c, d;

	for (int i = 0; i < 20; i++) {
		struct timespec start, end;
		unsigned took;

		clock_gettime(CLOCK_MONOTONIC, &start);
		__cpuid(0, a, b, c, d);
		clock_gettime(CLOCK_MONOTONIC, &end);
		took = (unsigned)((end.tv_sec - start.tv_sec) * 1000000000 + end.tv_nsec - start.tv_nsec);
		least = took < least ? took : least;
	}
	return least;
}
