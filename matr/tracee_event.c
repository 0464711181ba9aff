/* A program started under ptrace up to ld.so's debugger event. */
#include "matr/tracee.h"

#include <elf.h>
#include <errno.h>
#include <link.h>

#define EVENTS_MAX 64 /* far above what ld.so sends before the one */

/* The executable's DT_DEBUG, or 0 where it has none that ld.so could fill. */
static uint64_t find_debug(const struct tracee *t)
{
	uint64_t bias = 0, dynamic = 0;
	bool has_bias = false;
	Elf64_Phdr ph;
	Elf64_Dyn d;

	for (uint64_t i = 0; i < t->phdr_count; i++) {
		if (tracee_read(t, t->phdr + i * sizeof(ph), &ph, sizeof(ph)) < 0)
			return 0;
		if (ph.p_type == PT_PHDR) {
			bias = t->phdr - ph.p_vaddr;
			has_bias = true;
		} else if (ph.p_type == PT_LOAD && !has_bias && ph.p_offset == 0) {
			/* No PT_PHDR: the headers follow the ELF header in the first segment. */
			bias = t->phdr - sizeof(Elf64_Ehdr) - ph.p_vaddr;
			has_bias = true;
		} else if (ph.p_type == PT_DYNAMIC) {
			dynamic = ph.p_vaddr;
		}
	}
	for (uint64_t at = bias + dynamic; dynamic; at += sizeof(d)) {
		if (tracee_read(t, at, &d, sizeof(d)) < 0 || d.d_tag == DT_NULL)
			return 0;
		if (d.d_tag == DT_DEBUG)
			return d.d_un.d_ptr;
	}
	return 0;
}

bool tracee_is_relocated(struct tracee *t)
{
	struct r_debug debug;
	uint64_t at = find_debug(t);

	if (!at || tracee_read(t, at, &debug, sizeof(debug)) < 0)
		return false;
	t->debug = at;
	return debug.r_state == RT_CONSISTENT && debug.r_map;
}

/* From the exec stop to the end of the run. */
static int run_to_event(struct tracee *t, struct err *e)
{
	for (int n = 0; n < EVENTS_MAX; n++) {
		int more = tracee_run(t, TRACEE_TO_POINT, e);

		if (more <= 0)
			return more;
		if (t->stop != TRACEE_AT_POINT || t->at == t->entry)
			break;
		if (tracee_is_relocated(t))
			return 0;
	}
	t->outcome = TRACEE_NO_EVENT;
	return 0;
}

static int to_event(struct tracee *t, const struct tracee_request *r, struct err *e)
{
	uint64_t points[TRACEE_POINTS] = {0};
	int status = tracee_run(t, TRACEE_TO_POINT, e);

	if (status <= 0)
		return status;
	if (!t->base)
		return err_set(e, -EINVAL, "it has no interpreter");
	status = elf_find_symbol(r->event_file, "_dl_debug_state", &points[0], e);
	if (status < 0)
		return status;
	points[0] += t->base;
	points[1] = t->entry;
	status = tracee_set_points(t, points, e);
	return status < 0 ? status : run_to_event(t, e);
}

int tracee_start(struct tracee *t, const struct tracee_request *r, struct err *e)
{
	int status = tracee_begin(t, r, e);

	if (status == 0 && t->outcome == TRACEE_STOPPED)
		status = to_event(t, r, e);
	tracee_alarm(0);
	tracee_read_talk(t);
	return status;
}
