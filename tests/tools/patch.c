/*
 * patch - damage a published file on purpose
 *
 *	patch [-s AT[:LENGTH]] FILE OFFSET WIDTH VALUE
 *
 * Writes VALUE (C notation; "+N" and "-N" add to what is there, "^N" flips bits)
 * as a little-endian number of WIDTH bytes at OFFSET; prints what was there.  With
 * -s the checksum at AT is made good again: XXH64 of LENGTH bytes from the start
 * (default the whole file) with the checksum as 0.
 */
#include "image/hash.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static unsigned char *bytes;
static size_t n;

int main(int argc, char **argv)
{
	unsigned long at = 0, length = 0, offset, width, seal = 0;
	unsigned long long value, old = 0;
	FILE *f;
	int o;

	while ((o = getopt(argc, argv, "+s:")) != -1) {
		if (o != 's')
			return 2;
		seal = 1;
		sscanf(optarg, "%lu:%lu", &at, &length);
	}
	if (argc - optind != 4 || !(f = fopen(argv[optind], "r+e")))
		return 2;
	fseek(f, 0, SEEK_END);
	n = ftell(f);
	rewind(f);
	bytes = calloc(1, n + 8);
	if (fread(bytes, 1, n, f) != n)
		return 2;
	offset = strtoul(argv[optind + 1], NULL, 0);
	width = strtoul(argv[optind + 2], NULL, 0);
	if (offset + width > n || width > 8)
		return 3;
	memcpy(&old, bytes + offset, width);
	value = strtoull(argv[optind + 3] + (argv[optind + 3][0] == '^'), NULL, 0);
	if (strchr("+-", argv[optind + 3][0]))
		value += old;
	if (argv[optind + 3][0] == '^')
		value ^= old;
	memcpy(bytes + offset, &value, width);
	if (seal) {
		uint64_t sum;

		memset(bytes + at, 0, 8);
		sum = matr_hash(bytes, length ? length : n, 0);
		memcpy(bytes + at, &sum, 8);
	}
	rewind(f);
	if (fwrite(bytes, 1, n, f) != n || fclose(f))
		return 2;
	printf("%#llx\n", old);
	return 0;
}
