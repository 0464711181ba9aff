/* The tool matr-ld: closure and mapping of a file, without any store. */
#include "common/out.h"
#include "matr-ld/print.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char HELP[] =
    "usage: matr-ld [--json] [--root DIR] FILE...\n"
    "\n"
    "Prints what the system's loader would map for each program, why each library\n"
    "was found where it was found, and who provides every symbol.\n"
    "\n"
    "  --json      one JSON document on standard output\n"
    "  --root DIR  take DIR for /\n"
    "  -h, --help  this text\n"
    "\n"
    "exit status: 0 done, 1 a file could not be read, 2 wrong usage\n";

static int usage(const char *text)
{
	fprintf(stderr, "matr-ld: %s\n%s", text, "Try 'matr-ld --help'.\n");
	return 2;
}

static int resolve_files(struct resolver *r, struct printer *p, char *const *files)
{
	struct arena a = ARENA_INIT;
	struct mapping mapping;
	struct err e = ERR_INIT;
	int status = 0;

	for (; *files; files++) {
		if (resolve_program(r, *files, 0, &a, &mapping, &e) < 0) {
			fprintf(stderr, "matr-ld: %s\n", e.text);
			status = 1;
		} else {
			print_mapping(p, &mapping);
		}
		arena_release(&a);
	}
	return status;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"json", no_argument, NULL, 'j'},
	    {"root", required_argument, NULL, 'r'},
	    {"help", no_argument, NULL, 'h'},
	    {0},
	};
	struct resolver_options wanted = {0};
	struct resolver *r;
	struct printer p = {0};
	struct err e = ERR_INIT;
	int c, status;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h')
			return fputs(HELP, stdout) < 0;
		if (c == '?')
			return usage("there is no such option");
		if (c == 'j')
			p.json = true;
		else
			wanted.root = optarg;
	}
	if (optind == argc)
		return usage("a file is missing");
	if (resolver_open(&r, &wanted, &e) < 0) {
		fprintf(stderr, "matr-ld: %s\n", e.text);
		return 1;
	}
	print_begin(&p, stdout);
	status = resolve_files(r, &p, argv + optind);
	print_end(&p);
	resolver_close(r);
	return fflush(stdout) == 0 ? status : 1;
}
