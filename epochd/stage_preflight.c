/* stage_preflight.c - what changed since the last epoch, before the next one is sealed */
#include "epochd/making.h"

int stage_preflight_open(struct making *m, struct err *e)
{
	/* What is imported was not resolved, so there is nothing to say of it. */
	if (m->request->import)
		return 0;
	return preflight_open(&m->preflight,
			      &(struct preflight_options){
				      .store = m->store,
				      .against = m->parent,
				      .root = m->request->root ? m->request->root : "",
				      .folder = resolver_system(m->resolver)->root,
				      .exports = &m->exports,
			      },
			      e);
}

int stage_preflight_look(struct making *m, const struct mapping *mapping,
			 const uint8_t (*keys)[TABLE_KEY_BYTES], struct err *e)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < mapping->member_count; i++) {
		const struct object *o = mapping->members[i].object;
		struct catalogue_exports exports;
		bool is_new;

		if (!o)
			continue;
		exports = exports_of(&m->exports, o, &is_new);
		if (is_new && m->write)
			ret = catalogue_put_exports(m->write, o->key, &exports, e);
	}
	return ret < 0 ? ret : preflight_look(m->preflight, mapping, keys, e);
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
