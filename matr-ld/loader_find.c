/* Which of the known paths leads to the installed loader: what the shim would find. */
#include "matr-ld/loader.h"

#include "image/loader_path.h"
#include "matr-ld/root.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* False where there is no such file, or it is no ELF file. */
static bool read_header(const char *root, const char *path, Elf64_Ehdr *out)
{
	int fd = root_open(root, path, NULL);
	ssize_t n;

	if (fd < 0)
		return false;
	n = pread(fd, out, sizeof(*out), 0);
	close(fd);
	return n == (ssize_t)sizeof(*out) && memcmp(out->e_ident, ELFMAG, SELFMAG) == 0;
}

bool loader_is_shim(const char *root, const char *path)
{
	Elf64_Ehdr h;

	return read_header(root, path, &h) && matr_is_shim(h.e_flags);
}

int loader_find(const char *root, const char **out, struct err *e)
{
	const char *path;
	Elf64_Ehdr h;

	for (unsigned n = 0; (path = matr_loader_path(n)); n++) {
		if (!read_header(root, path, &h) || matr_is_shim(h.e_flags))
			continue;
		*out = path;
		return 0;
	}
	return err_set(e, -ENOENT, "there is no loader '%s'%s%s",
		       matr_loader_path(LOADER_PATH_LINK), root[0] ? " below " : "", root);
}
