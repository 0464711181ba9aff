/* Starting a program under ptrace, and letting it run from stop to stop. */
#include "matr/tracee.h"

#include "common/arena.h"
#include "matr/private_view.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TALK_MAX ((size_t)256 * 1024 * 1024)
#define NOT_EXECUTABLE 126 /* the child's exit status where execve failed */
#define BREAKPOINT 0xcc

/* ---- the child ---- */

static int make_ready(const struct tracee_request *r, int talk, struct err *e)
{
	bool user_namespace;
	int null;

	if (r->interpreter && (private_view_enter(&user_namespace, e) < 0 ||
			       private_view_show(r->path, r->interpreter, e) < 0))
		return e->code;
	null = open("/dev/null", O_RDWR);
	if (null < 0)
		return err_sys(e, "cannot open /dev/null");
	if (dup2(null, 0) < 0 ||
	    (!r->keep_output && (dup2(null, 1) < 0 || dup2(talk, 2) < 0)))
		return err_sys(e, "dup2");
	if (null > 2)
		close(null);
	return 0;
}

__attribute__((noipa)) void tracee_idle(void) { __asm__ volatile("nop"); }

/* Runs between fork and exec; what goes wrong is written to `complaint`. */
static void become_program(const struct tracee_request *r, int go, int complaint, int talk)
{
	struct err e = ERR_INIT;
	char *plain[] = {(char *)r->path, NULL};
	int exit_status = 127;
	char byte;

	/* Traced from here on: the tracer writes one byte. */
	if (read(go, &byte, 1) != 1)
		_exit(127);
	setsid();
	if (make_ready(r, talk, &e) == 0) {
		__asm__ volatile("int3"); /* the mark */
		for (int i = 0; i < TRACEE_IDLE_CALLS; i++)
			tracee_idle();
		execve(r->path, r->argv ? r->argv : plain, r->environment);
		err_sys(&e, "cannot execute '%s'", r->path);
		exit_status = NOT_EXECUTABLE;
	}
	if (write(complaint, e.text, strlen(e.text)) < 0)
		_exit(127);
	_exit(exit_status);
}

/* ---- waiting with an end ---- */

static void on_alarm(int signal) { (void)signal; /* its only use is that waitpid returns */ }

void tracee_alarm(unsigned seconds)
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

/* It never came to be a program: what the child wrote tells why. */
static int complain(const struct tracee *t, struct err *e)
{
	char text[ERR_TEXT_MAX];
	ssize_t n = read(t->complaint_fd, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return err_set(e, t->status == NOT_EXECUTABLE ? -ENOEXEC : -ECHILD, "%s",
		       n > 0 ? text : "the child died before its exec");
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
	return t->is_program ? 0 : complain(t, e);
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

static int open_memory(struct tracee *t, struct err *e)
{
	char path[64];

	if (t->memory >= 0)
		close(t->memory);
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)t->pid);
	t->memory = open(path, O_RDWR | O_CLOEXEC);
	return t->memory < 0 ? err_sys(e, "cannot open '%s'", path) : 0;
}

/* ---- points ---- */

static int set_register(const struct tracee *t, size_t offset, uint64_t value)
{
	return ptrace(PTRACE_POKEUSER, t->pid, (void *)offset, (void *)value) < 0 ? -errno : 0;
}

#define DEBUG_REGISTER(n) (offsetof(struct user, u_debugreg) + (n) * sizeof(uint64_t))

/* Each address in a register of its own; register 7 switches them on, for execution. */
static int set_hardware_points(struct tracee *t, const uint64_t at[TRACEE_POINTS])
{
	uint64_t on = 0;
	int status = set_register(t, DEBUG_REGISTER(7), 0);

	for (unsigned i = 0; i < TRACEE_POINTS && status == 0; i++) {
		t->point[i] = at[i];
		if (at[i]) {
			on |= (uint64_t)1 << (2 * i);
			status = set_register(t, DEBUG_REGISTER(i), at[i]);
		}
	}
	return status == 0 ? set_register(t, DEBUG_REGISTER(7), on) : status;
}

static int set_byte_points(struct tracee *t, const uint64_t at[TRACEE_POINTS])
{
	for (unsigned i = 0; i < TRACEE_POINTS; i++) {
		if (t->point[i] && write_byte(t, t->point[i], t->original[i]) < 0)
			return -EFAULT;
		t->point[i] = 0;
	}
	for (unsigned i = 0; i < TRACEE_POINTS; i++) {
		if (!at[i])
			continue;
		if (tracee_read(t, at[i], &t->original[i], 1) < 0 ||
		    write_byte(t, at[i], BREAKPOINT) < 0)
			return -EFAULT;
		t->point[i] = at[i];
	}
	return 0;
}

int tracee_set_points(struct tracee *t, const uint64_t at[TRACEE_POINTS], struct err *e)
{
	if (t->hardware && set_hardware_points(t, at) < 0) {
		/* No debug registers here, or none left. */
		t->hardware = false;
		memset(t->point, 0, sizeof(t->point));
		set_register(t, DEBUG_REGISTER(7), 0);
	}
	if (!t->hardware && set_byte_points(t, at) < 0)
		return err_set(e, -EFAULT, "cannot write breakpoints");
	return 0;
}

/* A SIGTRAP: does it stand at a point?  Then t->at is set, and nothing there executed. */
static int find_point(struct tracee *t, bool *found, struct err *e)
{
	struct user_regs_struct regs;

	*found = false;
	if (ptrace(PTRACE_GETREGS, t->pid, NULL, &regs) < 0)
		return err_sys(e, "cannot read registers");
	if (!t->hardware)
		regs.rip--;
	for (unsigned i = 0; i < TRACEE_POINTS && !*found; i++)
		*found = t->point[i] && t->point[i] == regs.rip;
	if (!*found)
		return 0;
	t->at = regs.rip;
	if (!t->hardware && ptrace(PTRACE_SETREGS, t->pid, NULL, &regs) < 0)
		return err_sys(e, "cannot write registers");
	return 0;
}

/* Executes what stands under a breakpoint instruction, and plants that again. */
static int step_off(struct tracee *t, struct err *e)
{
	int status, more = 1;
	unsigned i = 0;

	while (i < TRACEE_POINTS && t->point[i] != t->at)
		i++;
	if (t->stop != TRACEE_AT_POINT || t->hardware || i == TRACEE_POINTS)
		return 1;
	if (write_byte(t, t->at, t->original[i]) < 0 ||
	    ptrace(PTRACE_SINGLESTEP, t->pid, NULL, NULL) < 0)
		return err_sys(e, "cannot step over the breakpoint");
	more = wait_stop(t, &status, e);
	if (more > 0 && write_byte(t, t->at, BREAKPOINT) < 0)
		return err_set(e, -EFAULT, "cannot plant the breakpoint again");
	return more;
}

uint64_t tracee_argument(const struct tracee *t)
{
	return (uint64_t)ptrace(PTRACE_PEEKUSER, t->pid,
				(void *)offsetof(struct user, regs.rdi), NULL);
}

/* ---- stops ---- */

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
	return 0;
}

/* A new program has taken the place of the old one, with its memory and its points. */
static int on_exec(struct tracee *t, struct err *e)
{
	int status = open_memory(t, e);

	t->stop = TRACEE_AT_EXEC;
	t->is_program = true;
	memset(t->point, 0, sizeof(t->point));
	return status < 0 ? status : read_auxv(t, e);
}

/* What kind of stop is it?  1: one for the caller; 0: it goes on; negative: failed. */
static int classify(struct tracee *t, int status, struct err *e)
{
	int event = status >> 16, signal = WSTOPSIG(status), rc;
	bool found;

	t->signal = 0;
	t->stop = 0;
	if (event == PTRACE_EVENT_EXEC) {
		rc = on_exec(t, e);
		return rc < 0 ? rc : 1;
	}
	if (event == PTRACE_EVENT_EXIT)
		t->stop = TRACEE_AT_EXIT;
	else if (signal == (SIGTRAP | 0x80))
		t->stop = TRACEE_AT_CALL;
	else if (!event)
		t->signal = signal;
	if (t->stop || t->signal != SIGTRAP)
		return t->stop != 0;
	rc = find_point(t, &found, e);
	if (rc == 0 && found) {
		t->stop = TRACEE_AT_POINT;
		t->signal = 0;
	}
	return rc < 0 ? rc : found;
}

static uint64_t now_nsec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int tracee_run(struct tracee *t, enum tracee_how how, struct err *e)
{
	int status, more = step_off(t, e);
	uint64_t begun;

	while (more > 0) {
		begun = now_nsec();
		/* One that was killed meanwhile cannot be let go, but waited for. */
		if (ptrace(how == TRACEE_TO_CALL ? PTRACE_SYSCALL : PTRACE_CONT, t->pid, NULL,
			   (void *)(long)t->signal) < 0 &&
		    errno != ESRCH)
			return err_sys(e, "cannot let the program run");
		more = wait_stop(t, &status, e);
		t->ran_nsec += now_nsec() - begun;
		if (more <= 0)
			return more;
		t->stops++;
		more = classify(t, status, e);
		if (more)
			return more;
		more = 1;
	}
	return more;
}

/* ---- beginning and end ---- */

void tracee_read_talk(struct tracee *t)
{
	off_t size = lseek(t->talk_fd, 0, SEEK_END);
	ssize_t n = 0;

	if (size < 0 || (size_t)size > TALK_MAX)
		size = 0;
	free(t->talk);
	t->talk = xmalloc((size_t)size + 1);
	t->talk_bytes = 0;
	while (size && t->talk_bytes < (size_t)size) {
		n = pread(t->talk_fd, t->talk + t->talk_bytes, (size_t)size - t->talk_bytes,
			  (off_t)t->talk_bytes);
		if (n <= 0)
			break;
		t->talk_bytes += (size_t)n;
	}
	t->talk[t->talk_bytes] = '\0';
}

static int seize(struct tracee *t, const struct tracee_request *r, int go, struct err *e)
{
	long options = PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD |
		       (r->stop_at_exit ? PTRACE_O_TRACEEXIT : 0);

	if (ptrace(PTRACE_SEIZE, t->pid, NULL, (void *)options) < 0)
		return err_sys(e, "cannot trace (ptrace is forbidden here)");
	return write(go, "", 1) == 1 ? 0 : err_sys(e, "cannot wake the child");
}

/* To the mark: a SIGTRAP that no point explains. */
static int to_mark(struct tracee *t, struct err *e)
{
	int status, more;

	while ((more = wait_stop(t, &status, e)) > 0) {
		if (!(status >> 16) && WSTOPSIG(status) == SIGTRAP) {
			t->stop = TRACEE_AT_MARK;
			t->outcome = TRACEE_STOPPED;
			return open_memory(t, e);
		}
		if (ptrace(PTRACE_CONT, t->pid, NULL,
			   (void *)(long)(status >> 16 ? 0 : WSTOPSIG(status))) < 0)
			return err_sys(e, "cannot let the child run");
	}
	return more;
}

static int make_child(struct tracee *t, const struct tracee_request *r, int go[2], struct err *e)
{
	int complaint[2];

	if (pipe2(complaint, O_CLOEXEC) < 0)
		return err_sys(e, "pipe");
	t->pid = fork();
	if (t->pid == 0) {
		close(go[1]);
		become_program(r, go[0], complaint[1], t->talk_fd);
	}
	close(complaint[1]);
	t->complaint_fd = complaint[0];
	if (t->pid > 0)
		return 0;
	t->pid = 0;
	return err_sys(e, "fork");
}

int tracee_begin(struct tracee *t, const struct tracee_request *r, struct err *e)
{
	int go[2], status;

	*t = (struct tracee){.memory = -1, .complaint_fd = -1, .hardware = r->hardware};
	t->talk_fd = memfd_create("talk", MFD_CLOEXEC);
	if (t->talk_fd < 0)
		return err_sys(e, "memfd_create");
	if (pipe2(go, O_CLOEXEC) < 0)
		return err_sys(e, "pipe");
	status = make_child(t, r, go, e);
	close(go[0]);
	if (status == 0) {
		tracee_alarm(r->timeout);
		status = seize(t, r, go[1], e);
		if (status == 0)
			status = to_mark(t, e);
	}
	close(go[1]);
	return status;
}

static void close_if_open(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* One that stops at its end does so even when it is killed. */
static void kill_tracee(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	for (;;) {
		if (waitpid(pid, &status, __WALL) < 0) {
			if (errno != EINTR)
				return;
		} else if (!WIFSTOPPED(status)) {
			return;
		} else {
			ptrace(PTRACE_CONT, pid, NULL, NULL);
		}
	}
}

void tracee_end(struct tracee *t)
{
	tracee_alarm(0);
	if (t->pid > 0)
		kill_tracee(t->pid);
	close_if_open(&t->memory);
	close_if_open(&t->talk_fd);
	close_if_open(&t->complaint_fd);
	free(t->talk);
	*t = (struct tracee){.memory = -1, .talk_fd = -1, .complaint_fd = -1};
}
