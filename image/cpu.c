#include "image/cpu.h"

#include <cpuid.h>
#include <stdint.h>

#define HAS(value, mask) (((value) & (mask)) == (mask))

/* psABI, table "Micro-Architecture Levels"; bits as in cpuid.h. */
static const unsigned v2_1_ecx = bit_CMPXCHG16B | bit_POPCNT | bit_SSE3 | bit_SSE4_1 | bit_SSE4_2 |
				 bit_SSSE3;
static const unsigned v3_1_ecx = bit_AVX | bit_F16C | bit_FMA | bit_MOVBE | bit_OSXSAVE;
static const unsigned v3_7_ebx = bit_AVX2 | bit_BMI | bit_BMI2;
static const unsigned v4_7_ebx = bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ |
				 bit_AVX512VL;

static uint32_t enabled_states(void)
{
	uint32_t low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return low;
}

unsigned matr_cpu_level(void)
{
	unsigned a, b, c, d, ext_c, states;

	if (!__get_cpuid(0x80000001, &a, &b, &ext_c, &d) || !__get_cpuid(1, &a, &b, &c, &d))
		return 1;
	if (!HAS(c, v2_1_ecx) || !HAS(ext_c, bit_LAHF_LM))
		return 1;
	if (!HAS(c, v3_1_ecx) || !HAS(ext_c, bit_ABM))
		return 2;
	states = enabled_states();
	if (!HAS(states, 6) || !__get_cpuid_count(7, 0, &a, &b, &c, &d) || !HAS(b, v3_7_ebx))
		return 2;
	return HAS(states, 0xe6) && HAS(b, v4_7_ebx) ? 4 : 3;
}

uint32_t matr_cpu_signature(struct matr_cpu_signature *out)
{
	uint32_t *one = out->leaf_1, *seven = out->leaf_7;
	uint32_t apic_id, a;

	__cpuid(1, one[0], one[1], one[2], one[3]);
	apic_id = one[1] >> 24;
	one[1] &= MATR_CPU_NO_APIC_ID;
	/* Every x86-64 processor with OSXSAVE has leaf 7; older ones answer it with zeros or rubbish. */
	out->states = one[2] & bit_OSXSAVE ? enabled_states() : 0;
	if (out->states)
		__cpuid_count(7, 0, a, seven[0], seven[1], seven[2]);
	else
		seven[0] = seven[1] = seven[2] = 0;
	return apic_id;
}
