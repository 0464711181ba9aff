/*
 * trace.c - the one line that the shim may say
 *
 * Environment: any time; writes to standard error only when the user asked
 * for it (LD_MATR_DEBUG, LD_MATR_REQUIRE) or when nothing can start.
 */
#include "ldso-shim/shim.h"

#include "ldso-shim/sys.h"

struct line {
	size_t used;
	char text[512];
};

static void add(struct line *l, const char *s)
{
	while (*s && l->used < sizeof(l->text) - 1)
		l->text[l->used++] = *s++;
}

static void add_number(struct line *l, uint64_t n)
{
	char digits[24];
	size_t at = sizeof(digits) - 1;

	digits[at] = 0;
	do
		digits[--at] = (char)('0' + n % 10);
	while (n /= 10);
	add(l, digits + at);
}

static void begin(struct line *l)
{
	const char *name = S.process.stack[0] ? S.process.argv[0] : S.process.exec_name;

	l->used = 0;
	add(l, "matr: ");
	add(l, name ? name : "?");
	add(l, ": ");
}

static void say(struct line *l)
{
	l->text[l->used++] = '\n';
	sys_call3(SYS_WRITE, 2, (long)l->text, (long)l->used);
}

static void end_process(void) __attribute__((noreturn));
static void end_process(void)
{
	for (;;)
		sys_call3(SYS_EXIT_GROUP, 127, 0, 0);
}

void trace_epoch(uint64_t epoch)
{
	struct line l;

	if (!S.policy.debug)
		return;
	begin(&l);
	add(&l, "epoch ");
	add_number(&l, epoch);
	say(&l);
}

void trace_stock(enum reason why)
{
	struct line l;

	if (S.process.secure || (!S.policy.debug && !S.policy.require))
		return;
	begin(&l);
	add(&l, "stock path: ");
	add(&l, reason_name(why));
	add(&l, ": ");
	add(&l, reason_sentence(why));
	say(&l);
	if (S.policy.require)
		end_process();
}

void fail(const char *what)
{
	struct line l;

	begin(&l);
	add(&l, what);
	say(&l);
	end_process();
}
