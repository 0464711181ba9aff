/*
 * facts - what this machine's own steps cost, in nanoseconds
 *
 * One line for each: what, a tab, the least of several batches.  A start of a
 * program is made of these: ld.so asks cpuid dozens of times, and on a virtual
 * machine each question is a trap.
 */
#include <cpuid.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { BATCHES = 15, PAGES = 512, PAGE = 4096 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Each returns the nanoseconds of one step, from one batch. */

static double cpuid_once(int fd)
{
	unsigned a, b, c, d;
	double begin = now();
	int i;

	(void)fd;
	for (i = 0; i < 200; i++)
		__cpuid_count(4, 0, a, b, c, d);
	return (now() - begin) / 200;
}

static double system_call(int fd)
{
	double begin = now();
	int i;

	(void)fd;
	for (i = 0; i < 5000; i++)
		syscall(SYS_getppid);
	return (now() - begin) / 5000;
}

static double touch(int flags, int protection, int fd)
{
	volatile char *p = mmap(NULL, PAGES * PAGE, protection, flags, fd, 0);
	double begin, spent;
	size_t i;

	if (p == MAP_FAILED)
		return -1;
	madvise((void *)p, PAGES * PAGE, MADV_NOHUGEPAGE);
	begin = now();
	for (i = 0; i < PAGES; i++)
		if (protection & PROT_WRITE)
			p[i * PAGE] = 1;
		else
			(void)p[i * PAGE];
	spent = (now() - begin) / PAGES;
	munmap((void *)p, PAGES * PAGE);
	return spent;
}

static double fresh_page(int fd)
{
	(void)fd;
	return touch(MAP_PRIVATE | MAP_ANONYMOUS, PROT_READ | PROT_WRITE, -1);
}

static double copied_page(int fd) { return touch(MAP_PRIVATE, PROT_READ | PROT_WRITE, fd); }

static double shared_page(int fd) { return touch(MAP_PRIVATE, PROT_READ, fd); }

static double mapping(int fd)
{
	double begin = now();
	int i;

	for (i = 0; i < 500; i++)
		munmap(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), PAGE);
	return (now() - begin) / 500;
}

static const struct step {
	const char *what;
	double (*cost)(int fd);
} steps[] = {
    {"a cpuid instruction", cpuid_once},
    {"a system call (getppid)", system_call},
    {"mmap and munmap of a page of a file", mapping},
    {"a page fault: new page", fresh_page},
    {"a page fault: copy of a file's page", copied_page},
    {"a page of a file, read (the kernel maps 16 at a time)", shared_page},
};

/* A file of PAGES pages, in the page cache. */
static int a_file(void)
{
	static char page[PAGE];
	FILE *f = tmpfile();
	int i;

	for (i = 0; f && i < PAGES; i++)
		fwrite(page, 1, sizeof(page), f);
	if (!f || fflush(f) != 0) {
		perror("facts: a temporary file");
		exit(1);
	}
	return fileno(f);
}

int main(void)
{
	int fd = a_file(), batch;
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		double least = 1e18;

		for (batch = 0; batch < BATCHES; batch++) {
			double cost = steps[i].cost(fd);

			least = cost < least ? cost : least;
		}
		printf("%s\t%.0f\n", steps[i].what, least);
	}
	return 0;
}
