#include "common/out.h"

#include "common/arena.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define GAP 2	      /* spaces between two columns */
#define MIN_SHRUNK 12 /* no column is cut below so many characters */
#define DRAW_NSEC 100000000u

void out_init(struct out *o, FILE *file)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");
	struct winsize size;

	*o = (struct out){.file = file, .terminal = isatty(fileno(file)) == 1};
	if (!o->terminal)
		return;
	o->colour = !(no && *no) && term && strcmp(term, "dumb") != 0;
	o->width = 80;
	if (ioctl(fileno(file), TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
		o->width = size.ws_col;
}

const char *out_style(const struct out *o, enum out_style style)
{
	static const char *const codes[] = {"\033[0m",	"\033[1m",  "\033[2m", "\033[31m",
					    "\033[32m", "\033[33m", "\033[34m"};

	return o->colour ? codes[style] : "";
}

/* ---- tables ---- */

struct out_table {
	const struct out_column *columns;
	size_t column_count;
	const char **cells; /* row after row */
	size_t cell_count, cell_capacity;
	struct arena arena; /* the cells' text */
	size_t owed; /* blanks, while it is printed */
};

struct out_table *out_table_new(const struct out_column *columns, size_t count)
{
	struct out_table *t = xcalloc(1, sizeof(*t));

	t->columns = columns;
	t->column_count = count;
	return t;
}

void out_table_row(struct out_table *t, const char *const *cells)
{
	size_t i;

	for (i = 0; i < t->column_count; i++) {
		t->cells =
		    array_grow(t->cells, t->cell_count, &t->cell_capacity, sizeof(*t->cells));
		t->cells[t->cell_count++] =
		    cells[i] && *cells[i] ? arena_strdup(&t->arena, cells[i]) : "";
	}
}

size_t out_table_rows(const struct out_table *t)
{
	return t->column_count ? t->cell_count / t->column_count : 0;
}

/* Characters, not bytes: continuation bytes of UTF-8 do not count. */
static size_t width_of(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

/* Takes from the widest shrinking columns what the terminal is short of. */
static void shrink(const struct out_table *t, size_t *widths, size_t limit)
{
	size_t total, i, widest;

	for (;;) {
		total = (t->column_count - 1) * GAP;
		widest = t->column_count;
		for (i = 0; i < t->column_count; i++) {
			total += widths[i];
			if (t->columns[i].shrink && widths[i] > MIN_SHRUNK &&
			    (widest == t->column_count || widths[i] > widths[widest]))
				widest = i;
		}
		if (total <= limit || widest == t->column_count)
			return;
		widths[widest]--;
	}
}

static void measure(const struct out_table *t, const struct out *o, size_t *widths)
{
	size_t i, n, column;

	for (i = 0; i < t->column_count; i++)
		widths[i] = width_of(t->columns[i].title);
	for (i = 0, column = 0; i < t->cell_count; i++, column++) {
		if (column == t->column_count)
			column = 0;
		n = width_of(t->cells[i]);
		if (n > widths[column])
			widths[column] = n;
	}
	if (o->width)
		shrink(t, widths, o->width);
}

/* A cell that is too wide keeps its beginning and its end, which tell the most. */
static void print_cut(const struct out *o, const char *s, size_t width)
{
	size_t bytes = strlen(s), head = (width - 2) / 2, tail = width - 2 - head;

	fprintf(o->file, "%.*s..%s", (int)head, s, s + bytes - tail);
}

/* Blanks are owed until there is something behind them: no line ends in blanks. */
static void print_cell(struct out_table *t, const struct out *o, size_t column, const char *s,
		       size_t width)
{
	size_t n = width_of(s), pad = n < width ? width - n : 0;
	bool last = column + 1 == t->column_count;

	if (t->columns[column].right)
		t->owed += pad;
	if (*s) {
		fprintf(o->file, "%*s", (int)t->owed, "");
		t->owed = 0;
	}
	/* Only plain ASCII is cut: bytes are columns there. */
	if (n > width && n == strlen(s) && width > 4)
		print_cut(o, s, width);
	else
		fputs(s, o->file);
	if (!t->columns[column].right)
		t->owed += pad;
	t->owed = last ? 0 : t->owed + GAP;
}

void out_table_print(struct out_table *t, const struct out *o)
{
	size_t *widths = xcalloc(t->column_count, sizeof(*widths)), i, column;

	measure(t, o, widths);
	if (t->cell_count) {
		fputs(out_style(o, OUT_BOLD), o->file);
		for (i = 0; i < t->column_count; i++)
			print_cell(t, o, i, t->columns[i].title, widths[i]);
		fprintf(o->file, "%s\n", out_style(o, OUT_PLAIN));
	}
	for (i = 0, column = 0; i < t->cell_count; i++, column++) {
		if (column == t->column_count)
			column = 0;
		print_cell(t, o, column, t->cells[i], widths[column]);
		if (column + 1 == t->column_count)
			fputc('\n', o->file);
	}
	free(widths);
	free(t->cells);
	arena_release(&t->arena);
	free(t);
}

/* ---- progress ---- */

static uint64_t monotonic_nsec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void draw(struct out_progress *p)
{
	char done[OUT_NUMBER_BYTES], total[OUT_NUMBER_BYTES], bar[41];
	size_t full = p->total ? (size_t)(p->done * 40 / p->total) : 0;

	memset(bar, '.', 40);
	memset(bar, '#', full > 40 ? 40 : full);
	/* The bar goes first where the terminal is narrow. */
	bar[p->out->width >= 90 ? 40 : p->out->width >= 70 ? 20 : 0] = 0;
	if (p->out->width < 90 && *bar) {
		memset(bar, '.', 20);
		memset(bar, '#', full / 2 > 20 ? 20 : full / 2);
	}
	fprintf(p->out->file, "\r%s %s%s%s %s/%s\033[K", p->label, out_style(p->out, OUT_GREEN),
		bar, out_style(p->out, OUT_PLAIN), out_count(done, p->done),
		out_count(total, p->total));
	fflush(p->out->file);
}

void out_progress_begin(struct out_progress *p, const struct out *o, const char *label,
			uint64_t total)
{
	*p = (struct out_progress){.out = o, .label = label, .total = total};
	pthread_mutex_init(&p->mutex, NULL);
}

void out_progress_add(struct out_progress *p, uint64_t steps)
{
	uint64_t t;

	pthread_mutex_lock(&p->mutex);
	p->done += steps;
	if (p->out->terminal) {
		t = monotonic_nsec();
		if (t - p->drawn_nsec >= DRAW_NSEC) {
			p->drawn_nsec = t;
			draw(p);
		}
	}
	pthread_mutex_unlock(&p->mutex);
}

void out_progress_end(struct out_progress *p)
{
	if (p->drawn_nsec) {
		fputs("\r\033[K", p->out->file);
		fflush(p->out->file);
	}
	pthread_mutex_destroy(&p->mutex);
}

/* ---- numbers ---- */

char *out_count(char text[OUT_NUMBER_BYTES], uint64_t n)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n), i;
	char *p = text;

	for (i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			*p++ = ',';
		*p++ = digits[i];
	}
	*p = 0;
	return text;
}

char *out_bytes(char text[OUT_NUMBER_BYTES], uint64_t bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	double v = (double)bytes;
	size_t unit = 0;

	while (v >= 999.5 && unit < 6) {
		v /= 1000;
		unit++;
	}
	snprintf(text, OUT_NUMBER_BYTES, unit && v < 99.95 ? "%.1f %s" : "%.0f %s", v, units[unit]);
	return text;
}

char *out_duration(char text[OUT_NUMBER_BYTES], uint64_t nsec)
{
	double s = (double)nsec / 1e9;

	if (s < 0.9995)
		snprintf(text, OUT_NUMBER_BYTES, "%.*f ms", s < 0.00995 ? 1 : 0, s * 1e3);
	else if (s < 59.995)
		snprintf(text, OUT_NUMBER_BYTES, "%.*f s", s < 9.995 ? 2 : 1, s);
	else
		snprintf(text, OUT_NUMBER_BYTES, "%llu min %u s",
			 (unsigned long long)(s + 0.5) / 60,
			 (unsigned)((unsigned long long)(s + 0.5) % 60));
	return text;
}

char *out_time(char text[OUT_NUMBER_BYTES], int64_t nsec)
{
	time_t seconds = (time_t)(nsec / 1000000000);
	struct tm tm;

	if (!localtime_r(&seconds, &tm) ||
	    !strftime(text, OUT_NUMBER_BYTES, "%Y-%m-%d %H:%M:%S", &tm))
		snprintf(text, OUT_NUMBER_BYTES, "?");
	return text;
}
