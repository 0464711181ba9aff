/*
 * mmap_plan.h - the mmap calls that ld.so makes for one object
 *
 * What glibc 2.31 to 2.43 asks the kernel for while it maps a library: one
 * call over the whole span, with the first segment's protection and offset, one
 * fixed call per further segment, one anonymous fixed call for the pages of
 * .bss that have no file behind them.  Since 2.35 an object whose p_align is
 * above the page size is preceded by an anonymous PROT_NONE reservation of
 * `reserve_bytes` (2.41 adds MAP_DENYWRITE to its flags), and its whole-span
 * call becomes a fixed one; the shim accepts all forms, so the plan needs no
 * version.
 */
#ifndef MATR_LD_MMAP_PLAN_H
#define MATR_LD_MMAP_PLAN_H

#include "common/arena.h"
#include "common/err.h"

#include <stddef.h>
#include <stdint.h>

struct object;

struct mmap_call {
	uint64_t vaddr;	    /* link-time address of the mapping's first byte, a page boundary */
	uint64_t bytes;	    /* length as passed to mmap */
	uint64_t offset;    /* file offset as passed to mmap; 0 for anonymous */
	uint32_t prot;	    /* PROT_* */
	uint32_t flags;	    /* MAP_* as ld.so passes them */
	uint32_t segment;   /* index of the PT_LOAD in phdr; for .bss the one it belongs to */
	uint32_t anonymous; /* 1: the .bss call */
};

struct mmap_plan {
	struct mmap_call *calls; /* in ld.so's order; the first is the whole span */
	size_t call_count;
	uint64_t start;		/* link-time address of the first page */
	uint64_t span;		/* bytes of the whole-span call */
	uint64_t align;		/* the largest p_align, at least a page */
	uint64_t reserve_bytes; /* 0, or the reservation of glibc >= 2.35 */
};

/* 0, or -EBADMSG where the segments are not what ld.so accepts. */
int mmap_plan_make(struct mmap_plan *plan, const struct object *o, struct arena *a, struct err *e);

#endif
