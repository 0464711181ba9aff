/*
 * shim.c - the stages of a start, in order
 *
 * Stock path: the installed loader is mapped as the kernel would have mapped
 * it and entered with the stack that the kernel made; nothing else differs.
 */
#include "ldso-shim/shim.h"

#include "ldso-shim/sys.h"

/* With contents in the file: pages without would be one more mapping, and cleared at every exec. */
struct shim S __attribute__((section(".data"), aligned(64)));
_Static_assert(sizeof(S) <= MATR_PAGE, "S has one page");

/* start.S reads these by their place. */
MATR_ASSERT_OFFSET(struct shim, armed, 0);
MATR_ASSERT_OFFSET(struct shim, back, 8);
MATR_ASSERT_OFFSET(struct shim, answers, 40);
MATR_ASSERT_OFFSET(struct shim, answers_end, 48);
MATR_ASSERT_OFFSET(struct shim, debug_state, 56);

static enum reason enter(uint64_t *entry)
{
	program_make_key(&S.program, &S.process);
	return epoch_enter(entry);
}

/* Apart, so that only those who need it have it on the stack: ld.so is content with a small one. */
__attribute__((noinline)) static enum reason enter_with_path(uint64_t *entry)
{
	char path[MAX_PATH];
	enum reason reason = program_read_path(&S.program, path);

	if (!reason)
		reason = enter(entry);
	S.program.path = 0;
	return reason;
}

/*
 * True before: the policy allows it.  Done: the image is found and checked,
 * loader and residuals are mapped.  True after: as before, if it returns a
 * reason; else ld.so can be entered and its mmap calls will arrive in hook.c.
 */
static enum reason take_fast_path(uint64_t *entry)
{
	enum reason reason = program_read(&S.program, &S.process);

	if (!reason)
		reason = S.program.has_origin ? enter_with_path(entry) : enter(entry);
	if (reason)
		return reason;
	program_save(&S.program, S.saved_dynamic);
	S.process.base->a_un.a_val = S.image.header->loader_base;
	S.armed = ARMED_MAPPING;
	return REASON_NONE;
}

uint64_t shim_main(uint64_t *stack);

uint64_t shim_main(uint64_t *stack)
{
	uint64_t entry = 0;

	process_read(&S.process, stack);
	if (S.process.entry == (uint64_t)_start || !S.process.base)
		stock_run();
	S.debug_state = matr_front.entry ? S.process.own_base + matr_front.debug_state
					 : (uint64_t)_dl_debug_state;
	policy_read(&S.policy, &S.process);
	if (S.process.secure)
		process_remove_matr_variables(&S.process);
	if (!S.policy.reason)
		S.policy.reason = take_fast_path(&entry);
	if (S.policy.reason) {
		trace_stock(S.policy.reason);
		if (stock_map(&entry))
			fail("cannot map the installed loader");
	}
	return entry;
}
