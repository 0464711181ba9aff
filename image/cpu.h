/*
 * cpu.h - the x86-64 level of this processor, as ld.so sees it
 *
 * The levels of the x86-64 psABI (v1 to v4) that decide which glibc-hwcaps
 * folders are searched.  Freestanding.  cpuid is expensive under
 * virtualisation (microseconds): ask once, and only when the answer matters.
 */
#ifndef IMAGE_CPU_H
#define IMAGE_CPU_H

unsigned matr_cpu_level(void); /* 1 to 4 */

#endif
