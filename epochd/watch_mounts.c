/* Which file systems are mounted at the roots and below */
#include "epochd/watch_tree.h"

#include "common/arena.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOUNTINFO "/proc/self/mountinfo"

/* Spaces and the like stand there as \040. */
static void unescape(char *path)
{
	char *to = path;

	for (; *path; to++) {
		if (path[0] == '\\' && path[1] >= '0' && path[1] <= '3' && path[2] && path[3]) {
			*to = (char)((path[1] - '0') << 6 | (path[2] - '0') << 3 | (path[3] - '0'));
			path += 4;
		} else {
			*to = *path++;
		}
	}
	*to = '\0';
}

static uint64_t add_hash(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 1099511628211u;
	return hash * 31;
}

uint64_t tree_mounts(const struct tree *t, void (*each)(void *context, const char *path),
		     void *context)
{
	FILE *file = fopen(MOUNTINFO, "re");
	uint64_t hash = 1;
	char *line = NULL, path[PATH_MAX], device[64];
	size_t room = 0;

	while (file && getline(&line, &room, file) > 0) {
		/* id parent major:minor root path ...; PATH_MAX is 4096 */
		if (sscanf(line, "%*d %*d %63s %*s %4095s", device, path) != 2)
			continue;
		unescape(path);
		for (size_t i = 0; i < t->root_count; i++) {
			if (!tree_is_below(path, t->roots[i]))
				continue;
			hash = add_hash(add_hash(hash, path), device);
			if (each)
				each(context, path);
			break;
		}
	}
	free(line);
	if (file)
		fclose(file);
	return hash;
}
