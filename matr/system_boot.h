/*
 * system_boot.h - will the machine still boot?
 *
 * An initramfs that is made in system mode holds the shim under the loader's name.  Without the
 * real loader in it no program there would start.
 */
#ifndef MATR_SYSTEM_BOOT_H
#define MATR_SYSTEM_BOOT_H

#include "common/err.h"

/* 0: every maker of initramfs images below `root` has our hook.  -ENOENT: one has not. */
int system_boot_check(const char *root, struct err *e);

#endif
