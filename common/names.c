/* names.c - the words of mapping.h */
#include "common/names.h"

#include "common/mapping.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

const char *found_by_name(uint32_t found_by)
{
	static const char *const names[] = {
	    [FOUND_EXECUTABLE] = "executable", [FOUND_PRELOAD] = "preload", [FOUND_PATH] = "path",
	    [FOUND_RPATH] = "rpath",	       [FOUND_RUNPATH] = "runpath", [FOUND_CACHE] = "cache",
	    [FOUND_DEFAULT] = "default",       [FOUND_LOADER] = "loader",
	};

	return found_by < LENGTH(names) ? names[found_by] : "?";
}

const char *kind_name(unsigned kind)
{
	static const char *const names[] = {
	    "?",
	    [BINDING_VALUE] = "value",
	    [BINDING_EXECUTABLE] = "executable",
	    [BINDING_ZERO] = "zero",
	    [BINDING_LAZY] = "lazy",
	    [BINDING_IFUNC] = "ifunc",
	    [BINDING_RESIDUAL] = "residual",
	};

	return kind < LENGTH(names) ? names[kind] : "?";
}

const char *relocation_name(unsigned type, char text[32])
{
	static const char *const names[] = {
	    [R_X86_64_64] = "64",
	    [R_X86_64_PC32] = "PC32",
	    [R_X86_64_COPY] = "COPY",
	    [R_X86_64_GLOB_DAT] = "GLOB_DAT",
	    [R_X86_64_JUMP_SLOT] = "JUMP_SLOT",
	    [R_X86_64_RELATIVE] = "RELATIVE",
	    [R_X86_64_32] = "32",
	    [R_X86_64_32S] = "32S",
	    [R_X86_64_16] = "16",
	    [R_X86_64_8] = "8",
	    [R_X86_64_DTPMOD64] = "DTPMOD64",
	    [R_X86_64_DTPOFF64] = "DTPOFF64",
	    [R_X86_64_TPOFF64] = "TPOFF64",
	    [R_X86_64_PC64] = "PC64",
	    [R_X86_64_SIZE64] = "SIZE64",
	    [R_X86_64_TLSDESC] = "TLSDESC",
	    [R_X86_64_IRELATIVE] = "IRELATIVE",
	};

	if (type < LENGTH(names) && names[type])
		snprintf(text, 32, "R_X86_64_%s", names[type]);
	else
		snprintf(text, 32, "type %u", type);
	return text;
}
