/* The command table of matr: global options, preconditions, help. */
#include "matr/matr.h"

#include "cache/store.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum needs {
	NEEDS_NOTHING = 0,
	NEEDS_OPERAND = 1,
	NEEDS_STORE = 2,
};

struct command {
	const char *name;
	matr_command *run;
	unsigned needs; /* enum needs */
	const char *line;
	const char *synopsis;
	const char *text;
};

static const struct command commands[] = {
#define COMMAND(name, needs, line, synopsis, text) {#name, cmd_##name, needs, line, synopsis, text},
#include "matr/commands.def"
#undef COMMAND
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void say(const char *format, va_list ap)
{
	fputs("matr: ", stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
}

void matr_error(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(format, ap);
	va_end(ap);
}

void matr_note(const struct matr_options *o, const char *format, ...)
{
	va_list ap;

	if (o->quiet)
		return;
	va_start(ap, format);
	say(format, ap);
	va_end(ap);
}

int matr_usage_error(const char *command, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(format, ap);
	va_end(ap);
	fprintf(stderr, "Try 'matr help%s%s'.\n", command ? " " : "", command ? command : "");
	return MATR_USAGE;
}

/* The command that runs: "epoch", where argv begins with the action. */
static const char *running;

int matr_wrong_option(int result, char **argv)
{
	const char *what = result == ':' ? "needs a value" : "is unknown";
	char letter[3] = {'-', (char)optopt, '\0'};
	const char *last = argv[optind - 1];
	/* A letter may stand inside a group ("-qx"), so argv alone does not tell it. */
	bool is_long = !optopt || (result == ':' && strncmp(last, "--", 2) == 0);
	const char *option = is_long ? last : letter;

	if (!running || strcmp(running, argv[0]) == 0)
		return matr_usage_error(argv[0], "%s: option '%s' %s", argv[0], option, what);
	return matr_usage_error(running, "%s %s: option '%s' %s", running, argv[0], option, what);
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static int help_overview(void)
{
	puts("usage: matr [--store DIR] [--json] [-q] COMMAND ...\n"
	     "\n"
	     "MatR computes the relocations of programs once, and reuses them at every start.\n"
	     "\n"
	     "Commands:");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf("  %-9s %s\n", commands[i].name, commands[i].line);
	puts("\n"
	     "Options before the command:\n"
	     "  --store DIR   the store (default $MATR_STORE, else " MATR_DEFAULT_STORE ")\n"
	     "  --json        results as JSON\n"
	     "  -q, --quiet   no talk, only results and errors\n"
	     "  -h, --help    this text; 'matr help COMMAND' tells more\n"
	     "  -V, --version the version\n"
	     "\n"
	     "Exit status: 0 done, 1 failed, 2 wrong usage, 3 the answer is no.");
	return MATR_OK;
}

static int help_command(const struct command *c)
{
	printf("usage: %s\n\n%s%s", c->synopsis, c->text[0] ? c->text : c->line,
	       c->text[0] ? "" : "\n");
	return MATR_OK;
}

int cmd_help(int argc, char **argv, struct matr_options *o)
{
	const struct command *c;

	(void)o;
	if (argc > 2)
		return matr_usage_error(NULL, "help: takes one command");
	if (argc < 2)
		return help_overview();
	c = find_command(argv[1]);
	if (!c)
		return matr_usage_error(NULL, "help: '%s' is not a command", argv[1]);
	return help_command(c);
}

static int check_needs(const struct command *c, int argc, const struct matr_options *o)
{
	struct stat st;

	if ((c->needs & NEEDS_OPERAND) && argc < 2)
		return matr_usage_error(c->name, "%s: an argument is missing", c->name);
	if (!(c->needs & NEEDS_STORE))
		return MATR_OK;
	if (stat(o->store, &st) < 0) {
		matr_error("no store '%s': %s; 'matr epoch begin' makes one", o->store,
			   strerror(errno));
		return MATR_FAILED;
	}
	if (!S_ISDIR(st.st_mode)) {
		matr_error("the store '%s' is not a folder", o->store);
		return MATR_FAILED;
	}
	return MATR_OK;
}

static int run_command(int argc, char **argv, struct matr_options *o)
{
	const struct command *c = find_command(argv[0]);
	int status;

	if (!c)
		return matr_usage_error(NULL, "'%s' is not a command", argv[0]);
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return help_command(c);
	status = check_needs(c, argc, o);
	if (status)
		return status;
	running = c->name;
	optind = 0; /* getopt starts anew, also its idea of where operands begin */
	return c->run(argc, argv, o);
}

/* Output that could not be written is a failure, whatever the command thought. */
static int finish(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	matr_error("cannot write the result: %s", strerror(errno));
	return status ? status : MATR_FAILED;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"store", required_argument, NULL, 's'}, {"json", no_argument, NULL, 'j'},
	    {"quiet", no_argument, NULL, 'q'},	     {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},     {NULL, 0, NULL, 0},
	};
	struct matr_options o = {
	    .store = store_default(),
	    .store_named = strcmp(store_default(), MATR_DEFAULT_STORE) != 0,
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:qhV", options, NULL)) != -1) {
		switch (c) {
		case 's':
			o.store = optarg;
			o.store_named = true;
			break;
		case 'j':
			o.json = true;
			break;
		case 'q':
			o.quiet = true;
			break;
		case 'h':
			return finish(help_overview());
		case 'V':
			return finish(cmd_version(0, NULL, &o));
		default:
			return matr_usage_error(NULL, "option '%s' %s", argv[optind - 1],
						c == ':' ? "needs a value" : "is unknown");
		}
	}
	if (!*o.store)
		return matr_usage_error(NULL, "option '--store' needs a folder");
	if (optind == argc)
		return matr_usage_error(NULL, "which command?");
	return finish(run_command(argc - optind, argv + optind, &o));
}
