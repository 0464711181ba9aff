/* matr epoch: the table of its actions, and those that only switch: end, rollback, gc */
#include "cache/gc.h"
#include "cache/publish.h"
#include "matr/epoch_actions.h"
#include "matr/epoch_daemon.h"
#include "matr/epoch_report.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define OPENS_ITSELF (~0u) /* the action gets no store, and reads its options first */

int epoch_failed(const struct err *e)
{
	matr_error("%s", e->text);
	return MATR_FAILED;
}

int epoch_parse_number(const char *text, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno;
}

int epoch_own_options(int argc, char **argv, struct matr_options *o)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'}, {NULL, 0, NULL, 0}};
	int c;

	optind = 0;
	while ((c = getopt_long(argc, argv, "+:", options, NULL)) != -1) {
		if (c != 'j')
			return matr_wrong_option(c, argv);
		o->json = true;
	}
	return MATR_OK;
}

int epoch_show_options(int argc, char **argv, int wanted, struct epoch_show_options *out,
		       struct matr_options *o)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
						{"verbose", no_argument, NULL, 'v'},
						{NULL, 0, NULL, 0}};
	int c;

	optind = 0;
	while ((c = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (c != 'j' && c != 'v')
			return matr_wrong_option(c, argv);
		o->json |= c == 'j';
		out->verbose |= c == 'v';
	}
	if (argc - optind != wanted)
		return matr_usage_error("epoch", "epoch %s: needs %s", argv[0],
					wanted == 1 ? "one number" : "two numbers");
	for (int i = 0; i < wanted; i++)
		if (!epoch_parse_number(argv[optind + i], &out->numbers[i]))
			return matr_usage_error("epoch", "epoch %s: '%s' is not a number", argv[0],
						argv[optind + i]);
	return MATR_OK;
}

int epoch_find(struct catalogue_read *r, uint64_t number, struct arena *a,
	       struct catalogue_epoch *out, struct err *e)
{
	uint64_t last = 0;
	int ret = catalogue_get_epoch(r, number, a, out, e);

	if (ret == -ENOENT && catalogue_last_epoch(r, &last, NULL) == 0 && number && number <= last)
		err_set(e, ret, "epoch %llu is not kept any more (matr epoch list shows which are)",
			(unsigned long long)number);
	return ret;
}

int epoch_no_operands(int argc, char **argv, struct matr_options *o)
{
	int ret = epoch_own_options(argc, argv, o);

	if (ret == MATR_OK && optind < argc)
		return matr_usage_error("epoch", "epoch %s: unexpected '%s'", argv[0], argv[optind]);
	return ret;
}

static int end(struct store *s, int argc, char **argv, struct matr_options *o)
{
	struct err error = ERR_INIT, *e = &error;
	int ret = epoch_no_operands(argc, argv, o), status;

	if (ret)
		return ret;
	if (epoch_daemon_ask(store_dirfd(s), CONTROL_END, &status)) {
		if (status)
			return status;
		matr_note(o, "no epoch is current until 'matr epoch begin', or packages change");
		return MATR_OK;
	}
	ret = store_lock_exclusive(s, e);
	if (ret == 0)
		ret = publish_withdraw(s, e);
	if (ret < 0)
		return epoch_failed(e);
	store_unlock(s);
	matr_note(o, "no epoch is current: programs take the stock path from now on");
	return MATR_OK;
}

static int rollback(struct store *s, int argc, char **argv, struct matr_options *o)
{
	struct err e = ERR_INIT;
	const char *text;
	uint64_t number;
	int ret = epoch_own_options(argc, argv, o);

	if (ret)
		return ret;
	if (argc - optind != 1)
		return matr_usage_error("epoch", "epoch rollback: needs one number");
	text = argv[optind];
	if (!epoch_parse_number(text, &number))
		return matr_usage_error("epoch", "epoch rollback: '%s' is not a number", text);
	ret = store_lock_exclusive(s, &e);
	if (ret == 0)
		ret = publish_switch(s, number, &e);
	if (ret < 0)
		return epoch_failed(&e);
	store_unlock(s);
	matr_note(o, "epoch %llu is current", (unsigned long long)number);
	return MATR_OK;
}

static int collect(struct store *s, int argc, char **argv, struct matr_options *o)
{
	static const struct option options[] = {{"keep", required_argument, NULL, 'k'},
						{"json", no_argument, NULL, 'j'},
						{NULL, 0, NULL, 0}};
	struct gc_options gc = {.keep = EPOCHS_KEPT};
	struct gc_result r;
	struct err e = ERR_INIT;
	uint64_t keep;
	int c, ret;

	optind = 0;
	while ((c = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (c == 'k' && epoch_parse_number(optarg, &keep) && keep && keep <= UINT_MAX)
			gc.keep = (unsigned)keep;
		else if (c == 'k')
			return matr_usage_error("epoch", "epoch gc: --keep needs a number from 1");
		else if (c == 'j')
			o->json = true;
		else
			return matr_wrong_option(c, argv);
	}
	ret = store_lock_exclusive(s, &e);
	if (ret == 0)
		ret = gc_run(s, &gc, &r, &e);
	if (ret < 0)
		return epoch_failed(&e);
	store_unlock(s);
	if (o->json)
		report_json(json_pack("{s:I, s:I, s:I, s:I}", "removed",
				      (json_int_t)r.epochs_removed, "kept",
				      (json_int_t)r.epochs_kept, "in_use",
				      (json_int_t)r.epochs_in_use, "tables_removed",
				      (json_int_t)r.tables_removed));
	else
		printf("%llu epochs removed, %llu kept (%llu of them in use, or perhaps so)\n",
		       (unsigned long long)r.epochs_removed, (unsigned long long)r.epochs_kept,
		       (unsigned long long)r.epochs_in_use);
	return MATR_OK;
}

/* Reading actions do not make a store where there is none; roots may be set before the first epoch. */
static const struct {
	const char *name;
	epoch_action *run;
	unsigned open; /* how the store is opened: enum store_flags, or: */
} actions[] = {
	{"begin", epoch_action_begin, OPENS_ITSELF},
	{"packages", epoch_action_packages, OPENS_ITSELF},
	{"status", epoch_action_status, STORE_READ_ONLY},
	{"list", epoch_action_list, STORE_READ_ONLY},
	{"show", epoch_action_show, STORE_READ_ONLY},
	{"diff", epoch_action_diff, STORE_READ_ONLY},
	{"end", end, 0},
	{"rollback", rollback, 0},
	{"gc", collect, 0},
	{"roots", epoch_action_roots, STORE_CREATE},
	{"export", epoch_action_export, STORE_READ_ONLY},
	{"import", epoch_action_import, STORE_CREATE},
};

int cmd_epoch(int argc, char **argv, struct matr_options *o)
{
	struct err e = ERR_INIT;
	struct store *s;
	size_t i = 0;
	int ret;

	argc--;
	argv++;
	while (i < sizeof(actions) / sizeof(actions[0]) && strcmp(actions[i].name, argv[0]))
		i++;
	if (i == sizeof(actions) / sizeof(actions[0]))
		return matr_usage_error("epoch", "epoch: '%s' is not an action", argv[0]);
	if (actions[i].open == OPENS_ITSELF)
		return actions[i].run(NULL, argc, argv, o);
	ret = store_open(&s, o->store, actions[i].open, &e);
	if (ret == -ENOENT && actions[i].run == epoch_action_status) {
		matr_note(o, "%s", e.text);
		return MATR_NO;
	}
	if (ret < 0)
		return epoch_failed(&e);
	ret = actions[i].run(s, argc, argv, o);
	store_close(s);
	return ret;
}
