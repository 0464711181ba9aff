/*
 * names.h - the words for what a mapping holds
 *
 * One thing has one name, in tables and in JSON, whichever tool prints it.
 * Strings are constant unless a buffer is passed.
 */
#ifndef COMMON_NAMES_H
#define COMMON_NAMES_H

#include <stdint.h>

/* The part behind the last slash; the whole path where that would be nothing. */
const char *base_name(const char *path);

const char *found_by_name(uint32_t found_by); /* "runpath"; "?" for what is no enum found_by */
const char *kind_name(unsigned kind);         /* "value"; "?" for what is no enum binding_kind */

/* "R_X86_64_GLOB_DAT", or "type 99"; returns `text`. */
const char *relocation_name(unsigned type, char text[32]);

#endif
