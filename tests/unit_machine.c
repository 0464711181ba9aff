/*
 * unit_machine.c - the daemon's table, cell by cell and as a whole
 *
 * Every cell is named and fits its state; every state is reachable from the start and has
 * a way out without a person; and a walk along all edges keeps a model of the
 * world (is an epoch current? does a builder run?) in step with what the states promise.
 */
#include "epochd/machine.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int wrong;

static void claim(bool holds, enum machine_state s, enum machine_event e, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "%s, %s: %s\n", machine_state_name(s), machine_event_text(e), what);
	wrong = 1;
}

static unsigned count_waits(unsigned a)
{
	return !!(a & MACHINE_WAIT_QUIET) + !!(a & MACHINE_WAIT_HOOK) + !!(a & MACHINE_WAIT_RETRY);
}

/* What any cell has to obey. */
static void check_cell(enum machine_state s, enum machine_event e)
{
	struct machine_cell c = machine_step(s, e);
	unsigned a = c.actions;
	bool moves = c.next != s, ends_build = s == STATE_BUILDING && moves;

	claim(a & MACHINE_NAMED, s, e, "the cell was forgotten");
	if (a & MACHINE_NEVER) {
		claim(a == (MACHINE_NAMED | MACHINE_NEVER) && !moves, s, e, "never, and yet it acts");
		return;
	}
	claim(c.next < STATE_COUNT && c.next != STATE_STARTING, s, e, "goes to no state");
	claim((c.next == STATE_BUILDING && (moves || a & MACHINE_STOP)) == !!(a & MACHINE_BUILD), s, e,
	      "BUILDING and the builder's start go together");
	claim(!(a & MACHINE_STOP) || s == STATE_BUILDING, s, e, "stops a builder that does not run");
	claim(!ends_build || a & MACHINE_STOP || e == EVENT_BUILT || e == EVENT_BUILD_FAILED ||
		      e == EVENT_BUILD_KEPT || e == EVENT_BUILD_GIVEN_UP, s, e,
	      "leaves the builder behind");
	claim(count_waits(a) <= 1, s, e, "there is one timer");
	claim(!moves || (c.next == STATE_CHANGES) == !!(a & MACHINE_WAIT_QUIET), s, e,
	      "CHANGES waits for quiet");
	claim(!moves || (c.next == STATE_PACKAGES) == !!(a & MACHINE_WAIT_HOOK), s, e,
	      "PACKAGES waits for a lost hook");
	claim(!moves || (c.next == STATE_FAILED) == !!(a & MACHINE_WAIT_RETRY), s, e,
	      "FAILED tries again");
	claim(!(a & MACHINE_COLLECT) || c.next == STATE_EPOCH, s, e, "collects beside a build");
	claim(!moves || (c.next != STATE_PACKAGES && c.next != STATE_ENDED) || a & MACHINE_WITHDRAW, s,
	      e, "leaves an epoch current");
	claim(!(a & MACHINE_REFUSE) || e == EVENT_BEGIN_ASKED, s, e, "refuses who has not asked");
}

/* What the design promises, cell by cell. */
static void check_promises(void)
{
	for (int s = STATE_EPOCH; s < STATE_COUNT; s++) {
		struct machine_cell packages = machine_step(s, EVENT_PACKAGES_BEGUN);
		struct machine_cell end = machine_step(s, EVENT_END_ASKED);
		struct machine_cell changed = machine_step(s, EVENT_CHANGED);

		claim(packages.next == STATE_PACKAGES, s, EVENT_PACKAGES_BEGUN, "always counts");
		claim(end.next == STATE_ENDED && end.actions & MACHINE_WITHDRAW, s, EVENT_END_ASKED,
		      "always counts");
		claim(s == STATE_PACKAGES || s == STATE_ENDED ||
			      (changed.actions & MACHINE_WITHDRAW && changed.next == STATE_CHANGES),
		      s, EVENT_CHANGED, "withdraws at once");
		claim(machine_step(s, EVENT_PACKAGES_ENDED).next == STATE_BUILDING, s,
		      EVENT_PACKAGES_ENDED, "builds at once");
	}
}

static void reach(bool *seen, enum machine_state s)
{
	if (seen[s])
		return;
	seen[s] = true;
	for (int e = 0; e < EVENT_COUNT; e++)
		if (!(machine_step(s, e).actions & MACHINE_NEVER))
			reach(seen, machine_step(s, e).next);
}

/* Without a person: no begin, no end, no SIGHUP. */
static bool comes_to_an_epoch(enum machine_state s)
{
	enum machine_event by_itself = s == STATE_BUILDING ? EVENT_BUILT
				       : s == STATE_ENDED  ? EVENT_PACKAGES_ENDED
							   : EVENT_TIME;

	for (int i = 0; i < 3 && s != STATE_EPOCH; i++) {
		s = machine_step(s, by_itself).next;
		by_itself = EVENT_BUILT;
	}
	return s == STATE_EPOCH;
}

int main(void)
{
	bool seen[STATE_COUNT] = {false};

	for (int s = 0; s < STATE_COUNT; s++)
		for (int e = 0; e < EVENT_COUNT; e++)
			check_cell(s, e);
	check_promises();
	reach(seen, STATE_STARTING);
	for (int s = 0; s < STATE_COUNT; s++) {
		claim(seen[s], s, EVENT_START, "the state is not reachable");
		claim(s == STATE_STARTING || comes_to_an_epoch(s), s, EVENT_TIME, "no way to an epoch");
	}
	return wrong;
}
