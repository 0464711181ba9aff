/*
 * confine.h - the builder gives up what making an epoch does not take
 *
 * Workers (worker.h) meet untrusted files first; the builder reads them again when they have come
 * through.  So it, too, should not be worth taking over: from here on this process and all that it
 * starts write nothing but below the store (Landlock), and have only the capabilities that reading
 * closed folders and making workers take.
 *
 * For good, so it is called by a process that ends after the epoch.  Where the kernel has no
 * Landlock (before 5.19), or it is off, files are as they were.
 */
#ifndef EPOCHD_CONFINE_H
#define EPOCHD_CONFINE_H

/* `store`: the open folder.  Files that are open already stay writable. */
void confine_builder(int store);

#endif
