#include "epochd/confine.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if __has_include(<linux/landlock.h>)
#include <linux/landlock.h>
#endif

/* The store's files, what others may not read, and what a worker's user, root and end take. */
static const unsigned kept[] = {
	CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_CHOWN,   CAP_FOWNER,     CAP_FSETID,
	CAP_SETUID,	  CAP_SETGID,	       CAP_SETPCAP, CAP_SYS_CHROOT, CAP_KILL,
	CAP_SYS_NICE,
};

static void drop_capabilities(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[2];
	uint32_t mask[2] = {0};

	for (unsigned i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		mask[kept[i] / 32] |= 1u << kept[i] % 32;
	if (syscall(SYS_capget, &head, sets) < 0)
		return;
	for (unsigned i = 0; i < 2; i++) {
		sets[i].permitted &= mask[i];
		sets[i].effective &= mask[i];
		sets[i].inheritable = 0;
	}
	syscall(SYS_capset, &head, sets);
}

#ifdef LANDLOCK_ACCESS_FS_REFER
#define WRITING                                                                                    \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                           \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |                           \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | \
	 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |                            \
	 LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER)
#define TRUNCATE ((uint64_t)1 << 14) /* since version 3, Linux 6.2 */

static int allow(int rules, int fd, uint64_t access)
{
	struct landlock_path_beneath_attr a = {.allowed_access = access, .parent_fd = fd};

	return (int)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &a, 0);
}

/* Version 2 can link a file into another folder, which an epoch does with each old image. */
static void write_only_below(int store)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	uint64_t access = WRITING | (version >= 3 ? TRUNCATE : 0);
	struct landlock_ruleset_attr all = {.handled_access_fs = access};
	int rules = version < 2 ? -1 : (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);
	int null = open("/dev/null", O_PATH | O_CLOEXEC);

	if (rules >= 0 && allow(rules, store, access) == 0) {
		if (null >= 0)
			allow(rules, null, access & (LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE));
		syscall(SYS_landlock_restrict_self, rules, 0);
	}
	if (null >= 0)
		close(null);
	if (rules >= 0)
		close(rules);
}
#else
static void write_only_below(int store)
{
	(void)store;
}
#endif

void confine_builder(int store)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return;
	write_only_below(store);
	drop_capabilities();
}
