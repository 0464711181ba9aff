/*
 * machine.h - what the daemon does: a table of states and events
 *
 * Pure: no I/O, no clock, no memory.  The daemon turns the world into events,
 * asks machine_step(), and does the actions that it is told, in the order in
 * which they stand here.  Every cell of the table says what happens; those that
 * cannot be reached say so (MACHINE_NEVER), and leave the state as it is.
 *
 * What is true in a state:
 *	EPOCH     an epoch is current, nothing that was seen has changed since
 *	PACKAGES  none is current; the package manager's end, or a long silence
 *	          of a hook without a lock, leads out
 *	CHANGES   none is current (after LOST: the old one still is); quiet leads out
 *	ENDED     none is current; only begin, SIGHUP, a package manager or an
 *	          epoch published by another process lead out
 *	BUILDING  the builder runs; the old epoch may still be current
 *	FAILED    the builder failed; a timer with growing pauses, or any event, leads out
 */
#ifndef EPOCHD_MACHINE_H
#define EPOCHD_MACHINE_H

enum machine_state {
#define STATE(name, public, why) STATE_##name,
#include "epochd/machine.def"
#undef STATE
	STATE_COUNT
};

enum machine_event {
#define EVENT(name, what) EVENT_##name,
#include "epochd/machine.def"
#undef EVENT
	EVENT_COUNT
};

enum machine_action {
	MACHINE_STOP = 1 << 0,	     /* end the builder; its result does not count */
	MACHINE_WITHDRAW = 1 << 1,   /* no epoch is current from now on */
	MACHINE_DISMISS = 1 << 2,    /* who asked for the build is told that it was given up */
	MACHINE_BUILD = 1 << 3,	     /* start the builder: for who asked, or by itself */
	MACHINE_REFUSE = 1 << 4,     /* the asking client: not while packages change */
	MACHINE_WAIT_QUIET = 1 << 5, /* TIME when it has been quiet */
	MACHINE_WAIT_HOOK = 1 << 6,  /* TIME after long silence, if only a hook spoke of packages */
	MACHINE_WAIT_RETRY = 1 << 7, /* TIME after a pause that grows */
	MACHINE_COLLECT = 1 << 8,    /* remove old epochs */
	MACHINE_NEVER = 1 << 9,	     /* alone: this cell cannot be reached */
	MACHINE_NAMED = 1 << 10,     /* set in every cell; a cell without it was forgotten */
};

struct machine_cell {
	enum machine_state next;
	unsigned actions; /* enum machine_action */
};

/* The cell; a timer that the state before armed is off unless a WAIT action arms it anew
 * or the state stays. */
struct machine_cell machine_step(enum machine_state state, enum machine_event event);

const char *machine_state_name(enum machine_state state);  /* "EPOCH" */
const char *machine_public_name(enum machine_state state); /* "epoch" */
const char *machine_why(enum machine_state state);
const char *machine_event_text(enum machine_event event);

#endif
