/* matr system: every program of the system through the shim. */
#include "matr/matr.h"

#include "matr/system_mode.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct system_command {
	struct system_mode mode;
	struct matr_options *o;
	const char *where; /* for people: the root, or nothing */
};

typedef int system_action(struct system_command *c, struct err *e);

static const char *const states[] = {"off", "on", "stale"};
static const char *const links[] = {"missing", "loader", "shim"};

static void say(const struct system_command *c, const char *text)
{
	if (!c->o->quiet && !c->o->json)
		printf("system mode%s%s is %s\n", c->where[0] ? " below " : "", c->where, text);
}

static int action_enable(struct system_command *c, struct err *e)
{
	int status = system_enable(&c->mode, e);

	if (status == 0)
		say(c, "on");
	return status < 0 ? status : MATR_OK;
}

static int action_disable(struct system_command *c, struct err *e)
{
	bool changed;
	int status = system_disable(&c->mode, &changed, e);

	if (status == 0)
		say(c, "off");
	return status < 0 ? status : MATR_OK;
}

static int action_refresh(struct system_command *c, struct err *e)
{
	bool changed;
	int status = system_refresh(&c->mode, &changed, e);

	if (status == 0 && changed)
		say(c, "on again");
	return status < 0 ? status : MATR_OK;
}

void system_refresh_here(const struct matr_options *o)
{
	struct system_mode m = {0};
	struct err e = ERR_INIT;
	bool changed = false;
	int status;

	if (o->store_named || geteuid() != 0)
		return;
	status = system_place_open(&m.place, "", true, &e);
	if (status < 0)
		return; /* a system without /lib64 has no system mode */
	status = system_refresh(&m, &changed, &e);
	system_place_close(&m.place);
	if (status < 0)
		matr_error("system mode: %s", e.text);
	else if (changed)
		matr_note(o, "system mode is on again");
}

static void status_json(const struct system_command *c, const struct system_facts *f,
			enum system_state state)
{
	json_t *j = json_pack("{s:i, s:s, s:s, s:s, s:s*, s:b, s:b, s:b}", "schema", 1, "root",
			      c->where[0] ? c->where : "/", "state", states[state], "link",
			      links[f->link], "loader", f->loader, "kept", f->kept_leads,
			      "divertible", f->may_divert, "diverted", f->diverted);

	json_dumpf(j, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(j);
}

static void status_text(const struct system_command *c, const struct system_facts *f,
			enum system_state state)
{
	printf("system mode  %s%s\n", states[state],
	       state == SYSTEM_STALE ? " (matr system refresh puts it right)" : "");
	printf("%s  is %s\n", matr_loader_path(LOADER_PATH_LINK),
	       f->link == SYSTEM_LINK_SHIM	? "the shim"
	       : f->link == SYSTEM_LINK_MISSING ? "missing"
						: "the loader");
	printf("the loader   %s\n", f->loader ? f->loader : "none");
	if (state != SYSTEM_OFF)
		printf("kept         %s/" SYSTEM_KEPT_NAME "%s\n", c->mode.place.folder,
		       f->kept_leads ? ""
		       : f->kept     ? ", which leads nowhere"
				     : ", which is missing");
	if (state != SYSTEM_OFF && f->may_divert)
		printf("dpkg         %s\n", f->diverted ? "diverts" : "does not divert");
}

static int action_status(struct system_command *c, struct err *e)
{
	struct system_facts f;
	enum system_state state;
	int status = system_state(&c->mode, &f, &state, e);

	if (status < 0)
		return status;
	if (c->o->json)
		status_json(c, &f, state);
	else if (!c->o->quiet)
		status_text(c, &f, state);
	return state == SYSTEM_OFF ? MATR_NO : MATR_OK;
}

static const struct {
	const char *name;
	system_action *run;
	bool changes;
} actions[] = {
    {"enable", action_enable, true},
    {"disable", action_disable, true},
    {"refresh", action_refresh, true},
    {"status", action_status, false},
};

#define ACTIONS (sizeof(actions) / sizeof(actions[0]))

static int run(struct system_command *c, size_t action)
{
	struct err e = ERR_INIT;
	int status = 0;

	if (actions[action].changes && geteuid() != 0)
		status = err_set(&e, -EPERM, "only root may change that");
	if (status == 0)
		status = system_place_open(&c->mode.place, c->where, actions[action].changes, &e);
	if (status == 0) {
		status = actions[action].run(c, &e);
		system_place_close(&c->mode.place);
	}
	if (status >= 0)
		return status;
	matr_error("system %s: %s", actions[action].name, e.text);
	return MATR_FAILED;
}

int cmd_system(int argc, char **argv, struct matr_options *o)
{
	static const struct option options[] = {
	    {"root", required_argument, NULL, 'r'}, {"shim", required_argument, NULL, 's'},
	    {"json", no_argument, NULL, 'j'},	    {"quiet", no_argument, NULL, 'q'},
	    {NULL, 0, NULL, 0},
	};
	struct system_command c = {.o = o, .where = ""};
	int option;

	while ((option = getopt_long(argc, argv, ":q", options, NULL)) != -1) {
		if (option == 'r')
			c.where = optarg;
		else if (option == 's')
			c.mode.shim = optarg;
		else if (option == 'j')
			o->json = true;
		else if (option == 'q')
			o->quiet = true;
		else
			return matr_wrong_option(option, argv);
	}
	if (argc - optind != 1)
		return matr_usage_error("system", "system: one of enable, disable, refresh, status");
	for (size_t i = 0; i < ACTIONS; i++)
		if (strcmp(argv[optind], actions[i].name) == 0)
			return run(&c, i);
	return matr_usage_error("system", "system: '%s' is unknown", argv[optind]);
}
