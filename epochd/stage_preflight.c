/* stage_preflight.c - what changed since the last epoch, before the next one is sealed */
#include "epochd/making.h"

int stage_preflight_open(struct making *m, struct err *e)
{
	return preflight_open(&m->preflight, m->store, m->parent,
			      m->request->root ? m->request->root : "", e);
}

void stage_preflight(struct making *m)
{
	preflight_finish(m->preflight, &m->result->arena, &m->findings);
	/* Its snapshot would keep the pages that the commit frees. */
	preflight_close(m->preflight);
	m->preflight = NULL;
	if (m->request->report)
		m->request->report(m->request->report_context, &m->findings);
}
