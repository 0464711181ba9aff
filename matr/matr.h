/*
 * matr.h - the command `matr`: what main.c and the subcommands share
 *
 * One file per subcommand, cmd_NAME.c, with one function of the type below.
 * The list of subcommands is commands.def: name, preconditions, help.  main.c
 * reads the options that stand before the subcommand, checks its preconditions
 * and calls it with argv[0] = the subcommand's name.  A subcommand reads its
 * own options with getopt_long (optind is 0, so that it begins anew; opterr is 0) and hands what it
 * does not know to matr_wrong_option().
 *
 * Results go to standard output, talk to standard error.  Only these files and
 * main.c print; everything below them returns a `struct err`.
 */
#ifndef MATR_MATR_H
#define MATR_MATR_H

#include <stdbool.h>

#define MATR_VERSION "0.1"
#define MATR_DEFAULT_STORE "/var/lib/matr"
#define MATR_SHIM_NAME "ld-matr.so.1"
#define MATR_INSTALLED_SHIM "/lib64/" MATR_SHIM_NAME

/* Exit codes, the same for every subcommand. */
enum matr_exit {
	MATR_OK = 0,
	MATR_FAILED = 1, /* something could not be done, or a difference was found */
	MATR_USAGE = 2,	 /* the command line is wrong */
	MATR_NO = 3,	 /* the answer to a yes/no question is "no" */
};

/* Options that every subcommand knows; main.c fills them before the call. */
struct matr_options {
	const char
	    *store; /* folder: --store, else $MATR_STORE, else MATR_DEFAULT_STORE; as given */
	bool store_named; /* by --store or $MATR_STORE */
	bool json;  /* results as JSON; also accepted behind the subcommand */
	bool quiet; /* no talk: only results and errors */
};

typedef int matr_command(int argc, char **argv, struct matr_options *o);

#define COMMAND(name, needs, line, synopsis, text) matr_command cmd_##name;
#include "matr/commands.def"
#undef COMMAND

/*
 * Say on standard error what is wrong with the command line of `command`, and
 * where help is; both return MATR_USAGE.  matr_wrong_option() is for
 * getopt_long's '?' and ':' and names the option that it stopped at.
 */
int matr_usage_error(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int matr_wrong_option(int result, char **argv);

/* "matr: ..." on standard error; matr_note() is silent with --quiet. */
void matr_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void matr_note(const struct matr_options *o, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
