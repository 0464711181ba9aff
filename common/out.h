/*
 * out.h - how results look: tables, colour, a progress bar, numbers for people
 *
 * Everything adapts to where it goes.  On a terminal: colour (unless NO_COLOR
 * is set or TERM is dumb), tables cut to the terminal's width, a progress bar.
 * In a pipe or a file: plain text, whole cells, no bar; a script sees the same
 * columns, two spaces apart.
 *
 * Only commands print, so only they and inspect/ use this.  Not for several
 * threads at once, but out_progress_add().
 */
#ifndef COMMON_OUT_H
#define COMMON_OUT_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct out {
	FILE *file; /* not owned */
	bool terminal;
	bool colour;
	unsigned width; /* columns of the terminal; 0: no limit */
};

void out_init(struct out *o, FILE *file);

/* The escape sequence, or "" where there is no colour. */
enum out_style { OUT_PLAIN, OUT_BOLD, OUT_DIM, OUT_RED, OUT_GREEN, OUT_YELLOW, OUT_BLUE };
const char *out_style(const struct out *o, enum out_style style);

/* ---- tables ---- */

struct out_column {
	const char *title;
	bool right;  /* align to the right: numbers */
	bool shrink; /* on a terminal this column gives way first: its cells lose their middle */
};

struct out_table;

/* `columns` must stay as long as the table. */
struct out_table *out_table_new(const struct out_column *columns, size_t count);

/* One row: as many cells as columns; NULL is an empty one.  Copied. */
void out_table_row(struct out_table *t, const char *const *cells);
size_t out_table_rows(const struct out_table *t);

/* Prints title and rows (nothing where there is no row), frees the table. */
void out_table_print(struct out_table *t, const struct out *o);

/* ---- progress ---- */

/*
 * A bar on one line that is drawn over and over, ten times a second at most,
 * and goes without a trace.  Nothing happens where the output is no terminal.
 */
struct out_progress {
	const struct out *out;
	const char *label; /* "Resolving" */
	uint64_t total, done;
	uint64_t drawn_nsec; /* when it was drawn last; 0: not yet */
	pthread_mutex_t mutex;
};

void out_progress_begin(struct out_progress *p, const struct out *o, const char *label,
			uint64_t total);
void out_progress_add(struct out_progress *p, uint64_t steps); /* from any thread */
void out_progress_end(struct out_progress *p);

/* ---- numbers; each returns `text` ---- */

#define OUT_NUMBER_BYTES 32
char *out_count(char text[OUT_NUMBER_BYTES], uint64_t n);	/* 1,234,567 */
char *out_bytes(char text[OUT_NUMBER_BYTES], uint64_t bytes);	/* 12.3 MB (powers of 1000) */
char *out_duration(char text[OUT_NUMBER_BYTES], uint64_t nsec); /* 340 ms, 1.25 s, 3 min 5 s */

/* A local date and time, "2026-11-22 08:15:30". */
char *out_time(char text[OUT_NUMBER_BYTES], int64_t nsec_since_1970);

#endif
