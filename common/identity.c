#include "common/identity.h"

#include <string.h>

void identity_from_stat(struct identity *id, const struct stat *st)
{
	*id = (struct identity){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = (uint64_t)st->st_size,
		.mtime_sec = st->st_mtim.tv_sec,
		.ctime_sec = st->st_ctim.tv_sec,
		.mtime_nsec = (uint32_t)st->st_mtim.tv_nsec,
		.ctime_nsec = (uint32_t)st->st_ctim.tv_nsec,
	};
}

bool identity_equal(const struct identity *a, const struct identity *b)
{
	_Static_assert(sizeof(struct identity) == 48, "no padding, so bytes can be compared");
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool identity_same_copy(const struct identity *a, const struct identity *b)
{
	return a->size == b->size && a->mtime_sec == b->mtime_sec;
}

bool identity_holds(const struct identity *a, const struct identity *b, bool portable)
{
	return portable ? identity_same_copy(a, b) : identity_equal(a, b);
}

bool identity_same_inode(const struct identity *a, const struct identity *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}
