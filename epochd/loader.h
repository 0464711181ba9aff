/*
 * loader.h - the prepared loader: a copy of the installed ld.so whose mmap
 * arrives in the shim
 *
 * The places are found by their encoding, never by version: each
 * `mov $9,%eax; syscall` in executable bytes becomes a jump through the gate,
 * and so does the exported _dl_debug_state (the debugger's event); its cpuid
 * instructions and reads arrive in the shim too (code_sites.h).  The file
 * is described in image/format.h: the ELF file itself, page aligned; its
 * writable segment once more, .bss included; the gate.
 *
 * Pure but for reading the installed loader.
 */
#ifndef EPOCHD_LOADER_H
#define EPOCHD_LOADER_H

#include "common/err.h"
#include "common/identity.h"
#include "image/format.h"

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>

#define LOADER_MAX_SEGMENTS 8

struct prepared_loader {
	uint8_t *bytes;         /* the file; owned, free with loader_release */
	size_t size;            /* whole pages */
	const char *path;       /* of the installed one, as given; not owned */
	char name[33];          /* file name: hash of the installed content */
	struct identity installed;
	uint8_t build_id[32];   /* of the installed file */
	uint32_t build_id_bytes; /* 0: none */
	uint64_t build_id_at;   /* its offset in the installed file */
	uint64_t span;          /* bytes of address space, gate included */
	uint64_t entry;         /* vaddr */
	uint64_t dynamic;       /* vaddr of .dynamic */
	uint64_t gate_offset;   /* in bytes[] */
	bool reads_arrive;      /* every read of it arrives in the shim */
	bool preads_arrive;     /* every pread64 too */
	bool old_fstat;         /* it calls fstat(2) rather than newfstatat(2) */
	struct matr_segment segments[LOADER_MAX_SEGMENTS]; /* address: still a vaddr */
	size_t segment_count;
};

struct loader_request {
	const char *root;  /* folder that is taken for /; "": the system itself */
	const char *path;
	uint64_t store_id; /* of the store that it is for */
	bool portable;     /* for whatever processor: no answers to cpuid; it needs a build-id */
};

/*
 * Reads the loader and prepares a copy.  -ENOEXEC: no mmap call was found, or the file is not
 * what a loader looks like; the sentence says what is missing.
 */
int loader_prepare(struct prepared_loader *out, const struct loader_request *r, struct err *e);
void loader_release(struct prepared_loader *l);

#endif
