/* matr exec: run a program through MatR and leave no trace of it on the disk. */
#include "matr/matr.h"

#include "common/arena.h"
#include "image/reason.h"
#include "matr/interp_edit.h"
#include "matr/private_view.h"
#include "matr/program_path.h"
#include "matr/shim_path.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* As shells have it. */
enum { EXIT_CANNOT_EXECUTE = 126, EXIT_NOT_FOUND = 127 };

struct exec_run {
	struct matr_options *o;
	struct arena arena;
	const char *path;    /* what is executed: a program or a script */
	const char *program; /* the ELF file to enable, canonical */
	struct interp interp;
};

static int fail(const struct err *e)
{
	matr_error("%s", e->text);
	return e->code == -ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXECUTE;
}

static int look(struct exec_run *r, struct err *e)
{
	struct stat st;
	unsigned reason = REASON_NONE;
	int fd = open(r->program, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int status;

	if (fd < 0)
		return err_sys(e, "'%s' cannot be read, so it cannot be copied", r->program);
	status = interp_read(&r->interp, fd, e);
	if (status == 0 && fstat(fd, &st) < 0)
		status = err_sys(e, "fstat");
	if (status == 0 && (st.st_mode & (S_ISUID | S_ISGID)))
		reason = REASON_SET_ID;
	else if (status == 0 && fgetxattr(fd, "security.capability", NULL, 0) > 0)
		reason = REASON_FILE_CAPABILITIES;
	close(fd);
	if (reason)
		return err_set(e, -EPERM, "'%s' is left alone: %s: %s", r->program,
			       reason_name(reason), reason_sentence(reason));
	return status;
}

/* The shim trusts a store of the user or of root, and in a user namespace nobody is root. */
static void warn_of_store(const struct exec_run *r, const char *store)
{
	struct stat st;

	if (stat(store, &st) == 0 && st.st_uid != geteuid())
		matr_note(r->o,
			  "the store '%s' is not yours and cannot be trusted in a user namespace; "
			  "make your own: matr --store ~/.cache/matr epoch begin '%s', and run it "
			  "with matr --store ~/.cache/matr exec",
			  store, r->program);
}

static int show(struct exec_run *r, struct err *e)
{
	bool user_namespace;
	const char *shim;
	int status = shim_find(&shim, &r->arena, e);

	if (status == 0 && access(shim, R_OK | X_OK) < 0)
		status = err_sys(e, "the shim '%s'", shim);
	if (status == 0)
		status = private_view_enter(&user_namespace, e);
	if (status == 0)
		status = private_view_show(r->program, shim, e);
	if (status == 0 && user_namespace)
		warn_of_store(r, r->o->store);
	return status;
}

/* The shim looks at the default store by itself. */
static int set_store(struct exec_run *r, struct err *e)
{
	char *whole;
	int status = 0;

	if (strcmp(r->o->store, MATR_DEFAULT_STORE) == 0)
		return 0;
	whole = realpath(r->o->store, NULL);
	if (!whole)
		return err_sys(e, "the store '%s'", r->o->store);
	if (setenv("LD_MATR_STORE", whole, 1) < 0)
		status = err_sys(e, "cannot set LD_MATR_STORE");
	free(whole);
	return status;
}

static int prepare(struct exec_run *r, struct err *e)
{
	int status = look(r, e);

	if (status == 0)
		status = set_store(r, e);
	if (status < 0)
		return status;
	if (r->interp.state == INTERP_ENABLED || r->interp.state == INTERP_LINKED)
		return 0;
	if (r->interp.reason) {
		/* It runs as it always does. */
		matr_note(r->o, "'%s' runs without MatR: %s: %s", r->program,
			  reason_name(r->interp.reason), reason_sentence(r->interp.reason));
		return 0;
	}
	return show(r, e);
}

int cmd_exec(int argc, char **argv, struct matr_options *o)
{
	static const struct option options[] = {{"quiet", no_argument, NULL, 'q'},
						{NULL, 0, NULL, 0}};
	struct exec_run r = {.o = o};
	struct program_behind behind;
	struct err e = ERR_INIT;
	int c;

	while ((c = getopt_long(argc, argv, "+:q", options, NULL)) != -1) {
		if (c != 'q')
			return matr_wrong_option(c, argv);
		o->quiet = true;
	}
	if (optind == argc)
		return matr_usage_error("exec", "exec: no program named");
	argv += optind;
	if (program_find(&r.path, argv[0], &r.arena, &e) < 0 ||
	    program_behind(&behind, r.path, &r.arena, &e) < 0)
		return fail(&e);
	/* Of `#!/usr/bin/env NAME` it is NAME that is meant. */
	r.program = behind.through_env ? behind.through_env : behind.program;
	if (prepare(&r, &e) < 0)
		return fail(&e);
	execv(r.path, argv);
	err_sys(&e, "cannot execute '%s'", r.path);
	return fail(&e);
}
