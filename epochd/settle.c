#include "epochd/settle.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#define RECENT_NSEC 2000000000ll
#define GRAIN_NSEC 50000000ll /* several ticks of the kernel's coarse clock */

static int64_t since_change(const struct identity *id)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (now.tv_sec - id->ctime_sec) * 1000000000ll + now.tv_nsec - id->ctime_nsec;
}

static int check_content(const struct object *o, struct err *e)
{
	struct object *again;
	unsigned reason;
	int ret = object_open(&again, o->root, o->path, &reason, e);

	if (ret < 0)
		return ret;
	if (again->digest != o->digest)
		ret = err_set(e, -ESTALE,
			      "'%s' has changed while the epoch was being made; begin again",
			      o->path);
	object_free(again);
	return ret;
}

static int check_file(const struct object *o, struct err *e)
{
	int fd = object_reopen(o, e);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* Until the second in which it was written is over: what changes it later has another mtime. */
static void wait_for_second(const struct identity *id)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (now.tv_sec == id->mtime_sec)
		nanosleep(&(struct timespec){.tv_nsec = 1000000000 - now.tv_nsec}, NULL);
}

static int check(const struct making *m, const struct object *o, struct err *e)
{
	int64_t age = since_change(&o->identity);
	int ret;

	if (age >= 0 && age < GRAIN_NSEC)
		nanosleep(&(struct timespec){.tv_nsec = GRAIN_NSEC - age}, NULL);
	if (m->portable)
		wait_for_second(&o->identity);
	ret = check_file(o, e);
	if (ret == 0 && age < RECENT_NSEC)
		ret = check_content(o, e);
	return ret;
}

int settle(const struct making *m, struct err *e)
{
	const struct layout *l = &m->layout;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < l->count; i++)
		if (l->slots[i].object)
			ret = check(m, l->slots[i].object, e);
	for (size_t i = 0; ret == 0 && i < m->published_count; i++)
		ret = check(m, m->published[i]->object, e);
	return ret;
}
