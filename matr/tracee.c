/* Starting a program under ptrace, to ld.so's debugger event and no further. */
#include "matr/tracee.h"

#include "common/arena.h"
#include "matr/private_view.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define TALK_MAX ((size_t)256 * 1024 * 1024)
#define NOT_EXECUTABLE 126 /* the child's exit status where execve failed */
#define EVENTS_MAX 64	   /* far above what ld.so sends before the one */

/* ---- the child ---- */

/* Runs between fork and exec; what goes wrong is written to `complaint`. */
static void become_program(const struct tracee_request *r, int go, int complaint, int talk)
{
	struct err e = ERR_INIT;
	char *argv[] = {(char *)r->path, NULL};
	bool user_namespace;
	int null = open("/dev/null", O_RDWR);
	int exit_status = 127;
	char byte;

	/* Traced from here on: the tracer writes one byte. */
	if (read(go, &byte, 1) != 1)
		_exit(127);
	setsid();
	if (r->interpreter && (private_view_enter(&user_namespace, &e) < 0 ||
			       private_view_show(r->path, r->interpreter, &e) < 0))
		goto fail;
	if (null < 0) {
		err_sys(&e, "cannot open /dev/null");
		goto fail;
	}
	if (dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(talk, 2) < 0) {
		err_sys(&e, "dup2");
		goto fail;
	}
	if (null > 2)
		close(null);
	execve(r->path, argv, r->environment);
	err_sys(&e, "cannot execute '%s'", r->path);
	exit_status = NOT_EXECUTABLE;
fail:
	if (write(complaint, e.text, strlen(e.text)) < 0)
		_exit(127);
	_exit(exit_status);
}

/* ---- waiting with an end ---- */

static void on_alarm(int signal) { (void)signal; /* its only use is that waitpid returns */ }

static void set_alarm(unsigned seconds)
{
	/* It repeats, since the first may come just before waitpid. */
	const struct itimerval t = {
	    .it_value = {.tv_sec = seconds},
	    .it_interval = {.tv_usec = seconds ? 100000 : 0},
	};
	const struct sigaction act = {.sa_handler = seconds ? on_alarm : SIG_DFL};

	if (seconds)
		sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &t, NULL);
	if (!seconds)
		sigaction(SIGALRM, &act, NULL);
}

/* 1: a stop, *status says which; 0: the run is over, outcome is set; negative: failed. */
static int wait_stop(struct tracee *t, int *status, struct err *e)
{
	if (waitpid(t->pid, status, __WALL) < 0) {
		if (errno != EINTR)
			return err_sys(e, "waitpid");
		t->outcome = TRACEE_TIMEOUT;
		return 0;
	}
	if (WIFSTOPPED(*status))
		return 1;
	t->outcome = WIFEXITED(*status) ? TRACEE_EXITED : TRACEE_KILLED;
	t->status = WIFEXITED(*status) ? WEXITSTATUS(*status) : WTERMSIG(*status);
	t->pid = 0;
	return 0;
}

/* ---- memory ---- */

int tracee_read(const struct tracee *t, uint64_t address, void *to, size_t bytes)
{
	size_t done = 0;
	ssize_t n;

	while (done < bytes) {
		n = pread(t->memory, (char *)to + done, bytes - done, (off_t)(address + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -EFAULT;
		done += (size_t)n;
	}
	return 0;
}

int tracee_read_string(const struct tracee *t, uint64_t address, char *to, size_t max)
{
	for (size_t i = 0; i < max; i++) {
		if (tracee_read(t, address + i, to + i, 1) < 0)
			return -EFAULT;
		if (!to[i])
			return 0;
	}
	return -ENAMETOOLONG;
}

static int write_byte(const struct tracee *t, uint64_t address, uint8_t byte)
{
	return pwrite(t->memory, &byte, 1, (off_t)address) == 1 ? 0 : -EFAULT;
}

/* ---- the exec stop ---- */

static int read_auxv(struct tracee *t, struct err *e)
{
	char path[64];
	Elf64_auxv_t aux[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/auxv", (int)t->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, aux, sizeof(aux));
	if (fd >= 0)
		close(fd);
	if (n < 0)
		return err_sys(e, "cannot read '%s'", path);
	for (size_t i = 0; i < (size_t)n / sizeof(aux[0]); i++) {
		uint64_t v = aux[i].a_un.a_val;

		if (aux[i].a_type == AT_BASE)
			t->base = v;
		else if (aux[i].a_type == AT_ENTRY)
			t->entry = v;
		else if (aux[i].a_type == AT_PHDR)
			t->phdr = v;
		else if (aux[i].a_type == AT_PHNUM)
			t->phdr_count = v;
		else if (aux[i].a_type == AT_SYSINFO_EHDR)
			t->vdso = v;
	}
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)t->pid);
	t->memory = open(path, O_RDWR | O_CLOEXEC);
	return t->memory < 0 ? err_sys(e, "cannot open '%s'", path) : 0;
}

/* ---- the event ---- */

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

static bool everything_is_relocated(struct tracee *t)
{
	struct r_debug debug;
	uint64_t at = find_debug(t);

	if (!at || tracee_read(t, at, &debug, sizeof(debug)) < 0)
		return false;
	t->debug = at;
	return debug.r_state == RT_CONSISTENT && debug.r_map;
}

/* Executes the byte under the breakpoint, and plants it again. */
static int step_over(struct tracee *t, struct user_regs_struct *regs, uint8_t original,
		     struct err *e)
{
	int status, more;

	regs->rip = t->event;
	if (write_byte(t, t->event, original) < 0 ||
	    ptrace(PTRACE_SETREGS, t->pid, NULL, regs) < 0 ||
	    ptrace(PTRACE_SINGLESTEP, t->pid, NULL, NULL) < 0)
		return err_sys(e, "cannot step over the breakpoint");
	more = wait_stop(t, &status, e);
	if (more > 0 && write_byte(t, t->event, 0xcc) < 0)
		return err_set(e, -EFAULT, "cannot plant the breakpoint again");
	return more;
}

/* A SIGTRAP: 1 goes on, 0 over. */
static int on_trap(struct tracee *t, uint8_t original, struct err *e)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, t->pid, NULL, &regs) < 0)
		return err_sys(e, "cannot read registers");
	if (regs.rip - 1 == t->entry) {
		t->outcome = TRACEE_NO_EVENT;
		return 0;
	}
	if (regs.rip - 1 != t->event)
		return 1;
	if (everything_is_relocated(t)) {
		t->outcome = TRACEE_STOPPED;
		return 0;
	}
	return step_over(t, &regs, original, e);
}

/* From the exec stop to the end of the run. */
static int run(struct tracee *t, uint8_t original, struct err *e)
{
	int signal = 0, status, more;

	for (int n = 0; n < EVENTS_MAX; n++) {
		if (ptrace(PTRACE_CONT, t->pid, NULL, (void *)(long)signal) < 0)
			return err_sys(e, "cannot let the program run");
		more = wait_stop(t, &status, e);
		if (more <= 0)
			return more;
		signal = WSTOPSIG(status);
		/* With an event number it is ptrace's own stop, and no signal. */
		if (status >> 16)
			signal = 0;
		if (signal != SIGTRAP)
			continue;
		signal = 0;
		more = on_trap(t, original, e);
		if (more <= 0)
			return more;
	}
	t->outcome = TRACEE_NO_EVENT;
	return 0;
}

static int to_exec(struct tracee *t, int complaint, struct err *e)
{
	char text[ERR_TEXT_MAX];
	int status, more;
	ssize_t n;

	for (;;) {
		more = wait_stop(t, &status, e);
		if (more <= 0)
			break;
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8))
			return 1;
		if (ptrace(PTRACE_CONT, t->pid, NULL,
			   (void *)(long)(status >> 16 ? 0 : WSTOPSIG(status))) < 0)
			return err_sys(e, "cannot let the child run");
	}
	if (more < 0 || t->outcome == TRACEE_TIMEOUT)
		return more;
	n = read(complaint, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	return err_set(e, t->status == NOT_EXECUTABLE ? -ENOEXEC : -ECHILD, "%s",
		       n > 0 ? text : "the child died before its exec");
}

static int trace(struct tracee *t, const struct tracee_request *r, int complaint, struct err *e)
{
	uint8_t original;
	int status = to_exec(t, complaint, e);

	if (status <= 0)
		return status;
	status = read_auxv(t, e);
	if (status < 0)
		return status;
	if (!t->base)
		return err_set(e, -EINVAL, "it has no interpreter");
	status = elf_find_symbol(r->event_file, "_dl_debug_state", &t->event, e);
	if (status < 0)
		return status;
	t->event += t->base;
	if (tracee_read(t, t->event, &original, 1) < 0 || write_byte(t, t->event, 0xcc) < 0 ||
	    write_byte(t, t->entry, 0xcc) < 0)
		return err_set(e, -EFAULT, "cannot write breakpoints");
	return run(t, original, e);
}

/* ---- all of it ---- */

static void read_talk(struct tracee *t)
{
	off_t size = lseek(t->talk_fd, 0, SEEK_END);
	ssize_t n = 0;

	if (size < 0 || (size_t)size > TALK_MAX)
		size = 0;
	t->talk = xmalloc((size_t)size + 1);
	while (size && t->talk_bytes < (size_t)size) {
		n = pread(t->talk_fd, t->talk + t->talk_bytes, (size_t)size - t->talk_bytes,
			  (off_t)t->talk_bytes);
		if (n <= 0)
			break;
		t->talk_bytes += (size_t)n;
	}
	t->talk[t->talk_bytes] = '\0';
}

static int seize(struct tracee *t, int go, struct err *e)
{
	if (ptrace(PTRACE_SEIZE, t->pid, NULL,
		   (void *)(long)(PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC)) < 0)
		return err_sys(e, "cannot trace (ptrace is forbidden here)");
	return write(go, "", 1) == 1 ? 0 : err_sys(e, "cannot wake the child");
}

int tracee_start(struct tracee *t, const struct tracee_request *r, struct err *e)
{
	int go[2], complaint[2], status;

	*t = (struct tracee){.memory = -1};
	t->talk_fd = memfd_create("talk", MFD_CLOEXEC);
	if (t->talk_fd < 0)
		return err_sys(e, "memfd_create");
	if (pipe2(go, O_CLOEXEC) < 0)
		return err_sys(e, "pipe");
	if (pipe2(complaint, O_CLOEXEC) < 0) {
		close(go[0]);
		close(go[1]);
		return err_sys(e, "pipe");
	}
	t->pid = fork();
	if (t->pid == 0) {
		close(go[1]);
		become_program(r, go[0], complaint[1], t->talk_fd);
	}
	close(go[0]);
	close(complaint[1]);
	if (t->pid < 0) {
		t->pid = 0;
		status = err_sys(e, "fork");
	} else {
		set_alarm(r->timeout);
		status = seize(t, go[1], e);
		if (status == 0)
			status = trace(t, r, complaint[0], e);
		set_alarm(0);
	}
	close(go[1]);
	close(complaint[0]);
	read_talk(t);
	return status;
}

void tracee_end(struct tracee *t)
{
	int status;

	if (t->pid > 0) {
		kill(t->pid, SIGKILL);
		while (waitpid(t->pid, &status, __WALL) < 0
			   ? errno == EINTR
			   : !WIFEXITED(status) && !WIFSIGNALED(status))
			;
	}
	if (t->memory >= 0)
		close(t->memory);
	if (t->talk_fd >= 0)
		close(t->talk_fd);
	free(t->talk);
	*t = (struct tracee){.memory = -1, .talk_fd = -1};
}
