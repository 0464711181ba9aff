/* Freestanding: one text and no table of pointers, so no relocation in the shim, and small. */
#include "image/reason.h"

#include <stddef.h>
#include <stdint.h>

static const uint8_t numbers[] = {
#define REASON(number, NAME, name, sentence) number,
#include "image/reason.def"
#undef REASON
};

/* Name and sentence of each, in the same order, each with its NUL. */
static const char texts[] =
#define REASON(number, NAME, name, sentence) name "\0" sentence "\0"
#include "image/reason.def"
#undef REASON
	;

static const char *skip(const char *text, size_t count)
{
	while (count)
		if (!*text++)
			count--;
	return text;
}

static const char *find(unsigned reason, size_t which, const char *if_unknown)
{
	for (size_t i = 0; i < sizeof(numbers); i++)
		if (numbers[i] == reason)
			return skip(texts, 2 * i + which);
	return if_unknown;
}

const char *reason_name(unsigned reason)
{
	return find(reason, 0, "unknown");
}

const char *reason_sentence(unsigned reason)
{
	return find(reason, 1, "unknown reason");
}
