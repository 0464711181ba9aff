/*
 * patch - damage a published file on purpose
 *
 *	patch [-i|-p|-g|-G] FILE OFFSET WIDTH VALUE
 *
 * Writes VALUE (C notation; "+N" and "-N" add to what is there, "^N" flips bits)
 * as a little-endian number of WIDTH bytes at OFFSET; prints what was there; width 0
 * writes nothing.  Then the checksum is made good again: -i of an image, -p of a pages
 * file, -g of the gate in the last page of a loader (OFFSET counts from the gate; -G
 * also, but the checksum stays as it is).
 */
#include "image/image.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void seal(int kind, unsigned char *b, size_t n)
{
	if (kind == 'i')
		((struct matr_image_header *)b)->checksum = matr_image_checksum(b, n);
	if (kind == 'p')
		((struct matr_pages_header *)b)->checksum = matr_pages_checksum((void *)b);
	if (kind == 'g')
		((struct matr_gate *)(b + n - MATR_PAGE))->checksum = matr_gate_checksum((void *)(b + n - MATR_PAGE));
}

int main(int argc, char **argv)
{
	unsigned long long value, old = 0;
	unsigned long offset, width;
	unsigned char *bytes;
	const char *v;
	FILE *f;
	size_t n;
	int kind = getopt(argc, argv, "+ipgG");

	if (argc - optind != 4 || !(f = fopen(argv[optind], "r+e")))
		return 2;
	fseek(f, 0, SEEK_END);
	n = ftell(f);
	rewind(f);
	bytes = calloc(1, n + 8);
	if (fread(bytes, 1, n, f) != n)
		return 2;
	offset = strtoul(argv[optind + 1], NULL, 0) + (kind == 'g' || kind == 'G' ? n - MATR_PAGE : 0);
	width = strtoul(argv[optind + 2], NULL, 0);
	v = argv[optind + 3];
	if (offset + width > n || width > 8)
		return 3;
	memcpy(&old, bytes + offset, width);
	value = strtoull(v + (*v == '^'), NULL, 0);
	if (strchr("+-", *v))
		value += old;
	if (*v == '^')
		value ^= old;
	memcpy(bytes + offset, &value, width);
	seal(kind, bytes, n);
	rewind(f);
	if (fwrite(bytes, 1, n, f) != n || fclose(f))
		return 2;
	printf("%llu\n", old);
	return 0;
}
