/*
 * code_sites.h - instructions of a loader that are answered by the shim
 *
 * Three kinds, in the prepared loader only:
 *
 * cpuid	ld.so executes it some seventy times at every start.  On a processor of one's
 *	own that is nothing; under virtualisation each one traps to the hypervisor and costs
 *	one to several microseconds, the largest single part of a small program's start.
 * read	`xor %eax,%eax; syscall`.  ld.so reads a library's headers with it; the shim then
 *	shows it the dynamic section and the protection that the epoch prepared.
 * pread64	`mov $17,%eax; syscall`, the same for program headers that a first read leaves out.
 *
 * Each becomes a jump to a stub behind the code, in what its last page has left.  The stub
 * calls through the gate what the shim put there.
 *
 *   site:  jmp stub           stub:  the instructions before it that the jump replaced
 *   back:  ...                       lea -128(%rsp),%rsp   (the red zone)
 *                                    call *entry(%rip)
 *                                    lea 128(%rsp),%rsp
 *                                    the instructions behind it that the jump replaced
 *                                    jmp back
 *
 * A jump has five bytes, cpuid and syscall two: whole instructions beside it move into the
 * stub, where they mean the same.  A site is left as it is where that cannot be proven: a
 * branch of any kind among them, or a place that something may jump to under the five bytes.
 * All code is decoded from its start (Capstone); what direct branches, tables of switches and
 * addresses taken name as places to go is collected first.  Code that does not decode as a
 * whole is left alone.
 */
#ifndef EPOCHD_CODE_SITES_H
#define EPOCHD_CODE_SITES_H

#include "image/format.h"

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

struct loader_code {
	uint8_t *file;            /* the whole ELF file, changed in place */
	size_t file_bytes;
	const Elf64_Phdr *phdr;   /* segments lie inside the file (the caller has checked) */
	size_t phdr_count;
	uint64_t cpuid_entry;     /* vaddrs of the pointers that the stubs call through */
	uint64_t read_entry, pread_entry;
};

struct code_sites {
	unsigned cpuid, read, pread;   /* sites that were redirected */
	unsigned read_left, pread_left; /* that could not be */
};

/* Redirects what can be.  All zero: nothing was changed. */
struct code_sites code_sites_redirect(struct loader_code *code);

/*
 * What this processor answers to whatever ld.so of glibc 2.31 to 2.43 asks: fills answers,
 * their count and the signature.  The APIC id, which differs from core to core, is 0.
 */
void cpuid_answers_record(struct matr_gate *gate);

/* Nanoseconds that one cpuid instruction takes here; the least of some. */
unsigned cpuid_cost(void);

#endif
