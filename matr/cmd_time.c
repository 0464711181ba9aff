/* matr time: where the time of a start goes, and what MatR makes of it. */
#include "matr/time.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_SECONDS 60
#define ROUNDS_MAX 10000
#define TIMEOUT_MAX 86400

/* With a temporary store an interruption must come back to where it is removed. */
static void on_signal(int signal) { (void)signal; }

static void be_interruptible(void)
{
	const struct sigaction act = {.sa_handler = on_signal};

	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
}

static unsigned number(const char *text, unsigned max)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	return *text >= '0' && *text <= '9' && !*end && n <= max ? (unsigned)n : 0;
}

static int read_options(int argc, char **argv, struct matr_options *o, struct time_options *out)
{
	enum { ROUNDS = 256, TIMEOUT, UNTIL, OUTPUT, TRY, JSON };
	static const struct option options[] = {
	    {"rounds", required_argument, NULL, ROUNDS},
	    {"timeout", required_argument, NULL, TIMEOUT},
	    {"until", required_argument, NULL, UNTIL},
	    {"show-output", no_argument, NULL, OUTPUT},
	    {"try", no_argument, NULL, TRY},
	    {"json", no_argument, NULL, JSON},
	    {"quiet", no_argument, NULL, 'q'},
	    {NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "+:q", options, NULL)) != -1) {
		if (c == ROUNDS && !(out->rounds = number(optarg, ROUNDS_MAX)))
			return matr_usage_error("time", "time: --rounds takes a number above 0");
		if (c == TIMEOUT && !(out->timeout = number(optarg, TIMEOUT_MAX)))
			return matr_usage_error("time", "time: --timeout takes a number above 0");
		if (c == UNTIL && strcmp(optarg, "entry") != 0 && strcmp(optarg, "exit") != 0)
			return matr_usage_error("time", "time: --until takes 'entry' or 'exit'");
		if (c == UNTIL)
			out->to_exit = strcmp(optarg, "exit") == 0;
		out->show_output |= c == OUTPUT;
		out->try |= c == TRY;
		o->json |= c == JSON;
		o->quiet |= c == 'q';
		if (c == '?' || c == ':')
			return matr_wrong_option(c, argv);
	}
	if (optind == argc)
		return matr_usage_error("time", "time: no program named");
	out->argv = argv + optind;
	return MATR_OK;
}

int cmd_time(int argc, char **argv, struct matr_options *o)
{
	struct time_options options = {.matr = o, .timeout = TIMEOUT_SECONDS};
	struct time_result result = {0};
	struct time_target target;
	struct err e = ERR_INIT;
	int status = read_options(argc, argv, o, &options);

	if (status != MATR_OK)
		return status;
	if (options.try)
		be_interruptible();
	status = time_target_open(&target, &options, &e);
	if (status == 0)
		status = time_run(&target, &result, &e);
	if (status < 0)
		matr_error("%s", e.text);
	else if (o->json)
		time_report_json(&target, &result);
	else
		time_report(&target, &result);
	time_target_close(&target);
	if (status == 0 && !result.same_end)
		matr_error("it does not end in the same way in all variants");
	return status < 0 || !result.same_end ? MATR_FAILED : MATR_OK;
}
