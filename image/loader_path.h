/*
 * loader_path.h - finding the installed loader, and telling it from a shim
 *
 * Freestanding; shared by the shim, which looks by itself, and by loader_find() of
 * matr-ld, which looks below a root.  Both take the first path that is there and is no shim, so
 * they agree in system mode, without it, and where only half of it is in place (an initramfs
 * without the link, a package that has put its own link back).
 *
 * A shim has a mark in e_flags, which has no meaning on x86-64.  Its low byte is the number of
 * the path that this very file tries first: LINK for the shim as it is built, the real
 * loader's for the one that `matr system enable` puts in the link's place.
 */
#ifndef IMAGE_LOADER_PATH_H
#define IMAGE_LOADER_PATH_H

#include <stdint.h>

#define MATR_SHIM_MARK 0x4d745200u
#define MATR_SHIM_FIRST 0xffu /* the bits of the first path's number */

enum loader_path {
#define LOADER_PATH(NAME, path) LOADER_PATH_##NAME,
#include "image/loader_path.def"
#undef LOADER_PATH
	LOADER_PATH_COUNT
};

static inline int matr_is_shim(uint32_t e_flags)
{
	return (e_flags & ~MATR_SHIM_FIRST) == MATR_SHIM_MARK;
}

/* The path of that number, or 0 behind the last one. */
const char *matr_loader_path(unsigned number);

#endif
