/* One string: a table of pointers would need relocations in the shim. */
#include "image/loader_path.h"

static const char paths[] =
#define LOADER_PATH(NAME, path) path "\0"
#include "image/loader_path.def"
#undef LOADER_PATH
    ;

const char *matr_loader_path(unsigned number)
{
	const char *p = paths;

	if (number >= LOADER_PATH_COUNT)
		return 0;
	while (number--)
		while (*p++)
			;
	return p;
}
