/* worker_child.c - the crew's side: everything here runs in the sandbox's process */
#include "epochd/worker_crew.h"

#include "epochd/wire.h"
#include "matr-ld/root.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define LARGE_ANSWER ((size_t)16 << 20) /* bytes: its memory is given back */

struct worker {
	struct resolver *resolver;
	int fd;
	void *answer;
	size_t written;
	pthread_barrier_t *together; /* all have started; the process is sealed */
};

struct message {
	uint32_t flags;
	char path[PATH_MAX];
};

/* What the question that this thread is at met and may not look at. */
static _Thread_local struct {
	const char **at;
	size_t count, capacity;
	struct arena *arena;
} denied;

static void note_denied(const char *path)
{
	denied.at = array_grow(denied.at, denied.count, &denied.capacity, sizeof(*denied.at));
	denied.at[denied.count++] = arena_strdup(denied.arena, path);
}

static size_t resolve(struct worker *w, const struct message *q)
{
	struct arena arena = ARENA_INIT;
	struct answer a = {0};
	struct err e = ERR_INIT;

	denied.arena = &arena;
	denied.count = 0;
	root_denied = note_denied;
	a.code = resolve_program(w->resolver, q->path, q->flags, &arena, &a.mapping, &e);
	a.denied = denied.at;
	a.denied_count = denied.count;
	if (a.code < 0)
		a.text = e.text;
	if (w->written > LARGE_ANSWER)
		madvise(w->answer, w->written, MADV_REMOVE);
	w->written = wire_write(&a, w->answer, CREW_ANSWER_MAX);
	arena_release(&arena);
	return w->written;
}

static void *work(void *argument)
{
	struct worker *w = argument;
	struct message q;
	uint64_t bytes;

	pthread_barrier_wait(w->together);
	pthread_barrier_wait(w->together);
	while (recv(w->fd, &q, sizeof(q), 0) > (ssize_t)sizeof(q.flags)) {
		q.path[sizeof(q.path) - 1] = '\0';
		bytes = resolve(w, &q);
		if (!bytes)
			_exit(CREW_TOO_LARGE);
		if (send(w->fd, &bytes, sizeof(bytes), MSG_NOSIGNAL) != sizeof(bytes))
			break;
	}
	_exit(CREW_DONE);
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void drop(const struct crew_request *r, const struct crew_end *ends, int life, char *note)
{
	int *keep = xcalloc(r->threads * 2 + 1, sizeof(*keep));
	struct sandbox s = r->sandbox;

	for (unsigned i = 0; i < r->threads; i++) {
		keep[2 * i] = ends[i].fd;
		keep[2 * i + 1] = ends[i].memory;
	}
	keep[2 * r->threads] = life;
	s.keep_count = r->threads * 2 + 1;
	qsort(keep, s.keep_count, sizeof(*keep), by_number);
	s.keep = keep;
	sandbox_drop(&s, note);
	free(keep);
	resolver_in_child(r->resolver, s.below);
}

static void start(struct worker *w, const struct crew_end *end)
{
	pthread_t thread;

	w->answer = mmap(NULL, CREW_ANSWER_MAX, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_NORESERVE, end->memory, 0);
	close(end->memory);
	if (w->answer == MAP_FAILED || pthread_create(&thread, NULL, work, w))
		_exit(CREW_NO_THREAD);
}

void crew_work(const struct crew_request *r, const struct crew_end *ends, int life)
{
	struct worker *workers = xcalloc(r->threads, sizeof(*workers));
	char note[SANDBOX_NOTE_MAX] = "", unused;
	pthread_barrier_t together;

	drop(r, ends, life, note);
	pthread_barrier_init(&together, NULL, r->threads + 1);
	for (unsigned i = 0; i < r->threads; i++) {
		workers[i] = (struct worker){
			.resolver = r->resolver, .fd = ends[i].fd, .together = &together};
		start(&workers[i], &ends[i]);
	}
	pthread_barrier_wait(&together); /* making a thread takes calls that are none of its work */
	sandbox_seal(note);
	pthread_barrier_wait(&together);
	send(life, note, sizeof(note), MSG_NOSIGNAL);
	while (recv(life, &unused, 1, 0) > 0)
		;
	_exit(CREW_DONE);
}
