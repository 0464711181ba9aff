/*
 * sandbox.h - a process gives up all that it does not need
 *
 * For a child that reads files which nobody vouches for and answers through a
 * socket.  Two steps, so that it can make its threads between them:
 *
 *	sandbox_drop(&s, note);    user, groups, capabilities, limits, descriptors
 *	...threads...
 *	sandbox_seal(note);        system calls, for all threads
 *
 * After both it can open files to read them, and nothing else in the world: no other call than
 * those of sandbox.c is answered, it dies of it.  It has no capability and never gets one, writes
 * no file, starts nothing, connects to nothing and sees no other process.
 *
 * Each step does all that the kernel allows; what it does not is told in `note`, one sentence.
 */
#ifndef EPOCHD_SANDBOX_H
#define EPOCHD_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define SANDBOX_NOTE_MAX 200

struct sandbox {
	bool own_user;       /* become that user; else stay who we are, without capabilities */
	uid_t uid;
	gid_t gid;
	const char *root;    /* chroot to it, where that may be; NULL or "": none */
	const int *keep;     /* descriptors that stay open, ascending; all others are closed */
	size_t keep_count;
	uint64_t memory;     /* bytes of private writable memory that it may have */
	uint64_t seconds;    /* of processor time */
	bool below;          /* out: the root was changed */
};

/* Standard input, output and error become /dev/null.  note: SANDBOX_NOTE_MAX, "" if all is well. */
void sandbox_drop(struct sandbox *s, char *note);
void sandbox_seal(char *note);

/* Whose process it should be: the system user matr, else nobody.  Reads /etc/passwd only. */
void sandbox_user(struct sandbox *s);

#endif
