/* Every relocation of an object as a list of words. */
#include "matr/verify.h"

#define RELR_BITS 63 /* words that one bitmap covers */

static void each_relr(const struct object *o, verify_word_fn *each, void *context)
{
	struct verify_word w = {.type = R_X86_64_RELATIVE, .rela = SIZE_MAX};
	uint64_t next = 0;

	for (size_t i = 0; i < o->relr_count; i++) {
		uint64_t entry = o->relr[i];

		if (!(entry & 1)) {
			w.offset = entry;
			each(context, &w);
			next = entry + sizeof(uint64_t);
			continue;
		}
		for (unsigned bit = 0; bit < RELR_BITS; bit++) {
			if (!(entry >> (bit + 1) & 1))
				continue;
			w.offset = next + bit * sizeof(uint64_t);
			each(context, &w);
		}
		next += RELR_BITS * sizeof(uint64_t);
	}
}

static void each_rela(const Elf64_Rela *rela, size_t count, bool slot, verify_word_fn *each,
		      void *context)
{
	for (size_t i = 0; i < count; i++) {
		struct verify_word w = {
		    .offset = rela[i].r_offset,
		    .type = (uint32_t)ELF64_R_TYPE(rela[i].r_info),
		    .symbol = (uint32_t)ELF64_R_SYM(rela[i].r_info),
		    .slot = slot,
		    .rela = slot ? SIZE_MAX : i,
		};

		if (w.type != R_X86_64_NONE)
			each(context, &w);
	}
}

void verify_each_word(const struct object *o, verify_word_fn *each, void *context)
{
	each_relr(o, each, context);
	each_rela(o->rela, o->rela_count, false, each, context);
	each_rela(o->plt, o->plt_count, true, each, context);
}
