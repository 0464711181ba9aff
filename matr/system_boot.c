#include "matr/system_boot.h"

#include "matr-ld/root.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

static const struct maker {
	const char *name, *sign;
	bool only_read;
	const char *hooks[3];
} makers[] = {
#define BOOT(name, sign, only_read, ...) {name, sign, only_read, {__VA_ARGS__}},
#include "matr/system_boot.def"
#undef BOOT
};

static bool is_there(const char *root, const char *path)
{
	struct stat st;

	return root_stat(root, path, &st) == 0 && S_ISREG(st.st_mode);
}

/* One that is not executable would be passed over; mkinitcpio reads them. */
static bool has_hook(const char *root, const struct maker *m)
{
	struct stat st;

	for (size_t i = 0; m->hooks[i]; i++)
		if (root_stat(root, m->hooks[i], &st) == 0 && S_ISREG(st.st_mode) &&
		    ((st.st_mode & 0111) || m->only_read))
			return true;
	return false;
}

int system_boot_check(const char *root, struct err *e)
{
	for (size_t i = 0; i < sizeof(makers) / sizeof(*makers); i++)
		if (is_there(root, makers[i].sign) && !has_hook(root, &makers[i]))
			return err_set(e, -ENOENT,
				       "%s is installed and has no hook '%s': the machine would "
				       "not boot with the next initramfs",
				       makers[i].name, makers[i].hooks[0]);
	return 0;
}
