#include "epochd/parallel.h"

#include "common/arena.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

struct crew {
	const struct parallel *p;
	pthread_mutex_t lock;
	size_t next, done;
	int ret;
	struct err first;
};

unsigned parallel_threads(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	return (unsigned)CPU_COUNT(&set);
}

static size_t take(struct crew *c)
{
	size_t index;

	pthread_mutex_lock(&c->lock);
	index = c->ret ? c->p->count : c->next++;
	pthread_mutex_unlock(&c->lock);
	return index;
}

static void finish(struct crew *c, int ret, const struct err *e)
{
	pthread_mutex_lock(&c->lock);
	if (ret < 0 && !c->ret) {
		c->ret = ret;
		c->first = *e;
	}
	c->done++;
	if (c->p->progress)
		c->p->progress(c->p->progress_context, c->p->stage, c->done, c->p->count);
	pthread_mutex_unlock(&c->lock);
}

static void *work(void *argument)
{
	struct crew *c = argument;
	size_t index;

	while ((index = take(c)) < c->p->count) {
		struct err e = ERR_INIT;
		int ret = c->p->each(c->p->context, index, &e);

		finish(c, ret, &e);
	}
	return NULL;
}

int parallel_for(const struct parallel *p, struct err *e)
{
	unsigned threads = p->threads ? p->threads : parallel_threads();
	struct crew c = {.p = p};
	pthread_t *thread;
	unsigned started = 0;

	if (threads > p->count)
		threads = (unsigned)p->count;
	thread = xcalloc(threads, sizeof(*thread));
	pthread_mutex_init(&c.lock, NULL);
	while (started + 1 < threads && !pthread_create(&thread[started], NULL, work, &c))
		started++;
	work(&c); /* this thread works too, and alone where none can be made */
	while (started)
		pthread_join(thread[--started], NULL);
	pthread_mutex_destroy(&c.lock);
	free(thread);
	return c.ret < 0 ? err_set(e, c.ret, "%s", c.first.text) : 0;
}
