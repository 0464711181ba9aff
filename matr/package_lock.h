/*
 * package_lock.h - does a package manager work just now?
 *
 * Looks at locks and takes none.
 */
#ifndef MATR_PACKAGE_LOCK_H
#define MATR_PACKAGE_LOCK_H

/*
 * The name of a package manager that changes files now, or NULL.  dpkg within a
 * run of apt counts only while it works itself.
 */
const char *package_lock_held(void);

/* The same, and from the beginning of a whole run of apt, rpm or pacman to its end. */
const char *package_run_held(void);

#endif
