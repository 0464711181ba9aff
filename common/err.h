/*
 * err.h - errors as values with context
 *
 * Libraries of MatR never print.  A function that can fail returns 0 or a
 * negative errno value and takes a `struct err *` as its last parameter, in
 * which it leaves one sentence for a person: what failed, on which file, why.
 * The pointer may be NULL when the caller only needs the code.
 *
 *	struct err e = ERR_INIT;
 *	if (object_open(&o, path, &e) < 0)
 *		die("%s", e.text);
 *
 * Invariants: `text` is always NUL-terminated, one line, without a full stop;
 * outputs of a failing function are untouched unless its header says so.
 */
#ifndef COMMON_ERR_H
#define COMMON_ERR_H

#define ERR_TEXT_MAX 1024 /* bytes, with the NUL; longer sentences are cut */

struct err {
	int code;                 /* 0 or a negative errno value */
	char text[ERR_TEXT_MAX];  /* the sentence; empty while code is 0 */
};

#define ERR_INIT {0}

/* Set code and sentence; returns code, so that `return err_set(...)` reads well. */
int err_set(struct err *e, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for a failed system call: adds ": " and strerror(errno), code is -errno. */
int err_sys(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Put context before the present sentence ("cannot read '/x': " ...); returns e's code. */
int err_wrap(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
