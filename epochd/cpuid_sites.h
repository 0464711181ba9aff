/*
 * cpuid_sites.h - the cpuid instructions of a loader, answered from a table
 *
 * ld.so executes cpuid some seventy times at every start.  On a processor of one's
 * own that is nothing; under virtualisation each one traps to the hypervisor and costs
 * one to several microseconds, which makes it the largest single part of a small
 * program's start.  In the prepared loader each such instruction becomes a jump to
 * a stub behind the code, in what its last page has left.  The stub calls through the
 * gate (cpuid_entry) what the shim chose at exec: the recorded answers, or cpuid itself.
 *
 *   site:  jmp stub           stub:  the instructions that the jump took the place of
 *   back:  ...                       lea -128(%rsp),%rsp   (the red zone)
 *                                    call *cpuid_entry(%rip)
 *                                    lea 128(%rsp),%rsp
 *                                    jmp back
 *
 * A jump has five bytes, cpuid two: whole instructions beside it move into the stub,
 * where they mean the same.  A site is left as it is where that cannot be proven: a branch
 * of any kind among them, or a place that something may jump to under the five bytes.  All
 * code is decoded from its start (Zydis); what direct branches, tables of switches and
 * addresses taken name as places to go is collected first.  Code that does not decode as
 * a whole is left alone.
 */
#ifndef EPOCHD_CPUID_SITES_H
#define EPOCHD_CPUID_SITES_H

#include "image/format.h"

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

struct loader_code {
	uint8_t *file;            /* the whole ELF file, changed in place */
	size_t file_bytes;
	const Elf64_Phdr *phdr;   /* segments lie inside the file (the caller has checked) */
	size_t phdr_count;
	uint64_t cpuid_entry;     /* vaddr of the pointer that the stubs call through */
};

/* Redirects what can be; returns how many sites that are.  0: nothing was changed. */
unsigned cpuid_sites_redirect(struct loader_code *code);

/*
 * What this processor answers to whatever ld.so of glibc 2.31 to 2.43 asks: fills answers,
 * their count and the signature.  The APIC id, which differs from core to core, is 0.
 */
void cpuid_answers_record(struct matr_gate *gate);

#endif
