/*
 * worker_crew.h - one process of workers: made, asked, buried (inside of worker.c)
 *
 * Between engine and crew there is for each thread a socket, on which questions go out and sizes
 * come back, and a piece of memory that the crew writes its answer to and the engine copies it
 * from.  One more socket, `life`, tells each side that the other has gone.
 */
#ifndef EPOCHD_WORKER_CREW_H
#define EPOCHD_WORKER_CREW_H

#include "epochd/sandbox.h"
#include "epochd/worker.h"

#define CREW_ANSWER_MAX ((size_t)1 << 30) /* bytes of address space for each thread's answer */

struct crew_channel {
	int fd;
	const void *answer;
	bool busy;
};

struct crew {
	pid_t pid;
	int life;
	struct crew_channel *channels;
	unsigned count;
	unsigned users;  /* the pool's: threads that are asking */
	bool dead;       /* the pool's: nobody asks it any more */
	char note[SANDBOX_NOTE_MAX];
};

struct crew_request {
	struct resolver *resolver;
	unsigned threads;
	struct sandbox sandbox;
};

/* NULL: no process can be made, and the sentence says why. */
struct crew *crew_make(const struct crew_request *r, struct err *e);

/*
 * The bytes of an answer, malloc'ed, or NULL: the crew has died (*late = false), or it has not
 * answered in time.  After NULL the channel is of no more use.
 */
void *crew_ask(struct crew_channel *c, const struct question *q, unsigned seconds, size_t *bytes,
	       bool *late);

/* Ends it, so that all who wait for an answer see that there is none. */
int crew_end(const struct crew *c);

/* Kills it if it lives, and tells what it died of. */
void crew_bury(struct crew *c, char *why, size_t room);

/* worker_child.c: what the process does; never returns. */
struct crew_end {
	int fd, memory; /* of one channel */
};

_Noreturn void crew_work(const struct crew_request *r, const struct crew_end *ends, int life);

/* How a crew ends by itself. */
enum { CREW_DONE = 0, CREW_NO_MEMORY = 1 /* common/arena.c's */, CREW_TOO_LARGE = 3, CREW_NO_THREAD };

#endif
