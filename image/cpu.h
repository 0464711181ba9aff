/*
 * cpu.h - this processor, as ld.so sees it: its x86-64 level, its signature
 *
 * The levels of the x86-64 psABI (v1 to v4) that decide which glibc-hwcaps
 * folders are searched.  Freestanding.  cpuid is expensive under
 * virtualisation (microseconds): ask once, and only when the answer matters.
 */
#ifndef IMAGE_CPU_H
#define IMAGE_CPU_H

#include "image/format.h"

unsigned matr_cpu_level(void); /* 1 to 4 */

/*
 * What tells processors apart for ld.so: model, features, enabled states; two cpuids.
 * Returns the APIC id of the core asked (8 bits), which is no part of it.
 */
uint32_t matr_cpu_signature(struct matr_cpu_signature *out);
#define MATR_CPU_NO_APIC_ID 0x00ffffffu /* mask for ebx of leaf 1 */

#endif
