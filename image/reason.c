/* Freestanding: a switch needs no table of pointers, so no relocation in the shim. */
#include "image/reason.h"

const char *reason_name(unsigned reason)
{
	switch (reason) {
#define REASON(number, NAME, name, sentence)                                                       \
	case number:                                                                               \
		return name;
#include "image/reason.def"
#undef REASON
	}
	return "unknown";
}

const char *reason_sentence(unsigned reason)
{
	switch (reason) {
#define REASON(number, NAME, name, sentence)                                                       \
	case number:                                                                               \
		return sentence;
#include "image/reason.def"
#undef REASON
	}
	return "unknown reason";
}
