/*
 * control.h - how matr and epochd talk
 *
 * A Unix socket of type SOCK_SEQPACKET in the store's folder, S/epochd.sock: one
 * packet asks, one answers, then the connection ends.
 *
 *	request  "MATR" version kind count(arguments), each u32, then the arguments,
 *	         each ended by a NUL.  `begin` brings three descriptors (SCM_RIGHTS):
 *	         working directory, standard output, standard error
 *	answer   "MATR" version exit-status, each u32, then text: for `status` the JSON
 *	         of S/status, else a sentence for standard error, or nothing
 *
 * Numbers are in the machine's byte order: both ends are one machine.  Anyone may
 * ask for the status; all else is for root and the owner of the store.
 *
 * The daemon is found by connecting: no socket (-ENOENT) or nobody behind it
 * (-ECONNREFUSED) means that none runs, and matr does the work itself.
 */
#ifndef EPOCHD_CONTROL_H
#define EPOCHD_CONTROL_H

#include "common/buf.h"
#include "common/err.h"

#include <stddef.h>
#include <stdint.h>

#define CONTROL_SOCKET "epochd.sock"
#define CONTROL_VERSION 1
#define CONTROL_MAX_BYTES (64 * 1024) /* of a request or an answer */
#define CONTROL_FDS 3
#define CONTROL_GLOBALS 2 /* arguments of `begin` that belong before the command */

enum control_kind {
	CONTROL_STATUS,
	CONTROL_BEGIN, /* arguments: "-q" or "", "--json" or "", then those of begin */
	CONTROL_END,
	CONTROL_PACKAGES_BEGIN,
	CONTROL_PACKAGES_END,
	CONTROL_ROOTS, /* the store's roots have changed */
	CONTROL_KINDS
};

struct control_request {
	enum control_kind kind;
	const char *const *arguments;
	size_t count;
	const int *fds; /* CONTROL_FDS of them, or NULL */
};

struct control_answer {
	int status; /* exit status for the client */
	struct buf text;
};

/* A connected descriptor; the store's folder is `dirfd`. */
int control_connect(int dirfd, struct err *e);

/* Sends, waits (for `begin` as long as it takes), receives; closes `fd`. */
int control_ask(int fd, const struct control_request *r, struct control_answer *a, struct err *e);

/*
 * The wire.  Decoding is a pure function of (bytes, length): 0, or -EBADMSG with
 * a sentence; `*arguments` (free() it) points into `bytes`.
 */
int control_encode(const struct control_request *r, struct buf *out, struct err *e);
int control_decode(const char *bytes, size_t length, struct control_request *r,
		   const char ***arguments, struct err *e);
void control_encode_answer(int status, const char *text, struct buf *out);
int control_decode_answer(const char *bytes, size_t length, struct control_answer *a,
			  struct err *e);

#endif
