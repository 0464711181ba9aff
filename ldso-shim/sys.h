/*
 * sys.h - the system calls of the shim
 *
 * Only those that stock start-up makes, in the same form, so that a seccomp
 * allow-list made for the stock loader does not notice the shim: openat, read,
 * pread64, newfstatat or fstat, mmap, mprotect, munmap, close, readlink; and
 * write, execve, exit_group where the shim speaks or ends.  All return what the
 * kernel returns: a negative errno value on failure.
 */
#ifndef LDSO_SHIM_SYS_H
#define LDSO_SHIM_SYS_H

#include <stddef.h>
#include <stdint.h>

#define SYS_READ 0
#define SYS_WRITE 1
#define SYS_CLOSE 3
#define SYS_FSTAT 5
#define SYS_MMAP 9
#define SYS_MPROTECT 10
#define SYS_MUNMAP 11
#define SYS_PREAD64 17
#define SYS_EXECVE 59
#define SYS_READLINK 89
#define SYS_EXIT_GROUP 231
#define SYS_OPENAT 257
#define SYS_NEWFSTATAT 262

#define AT_FDCWD_VALUE (-100)
#define AT_EMPTY_PATH_VALUE 0x1000
#define OPEN_READ 02000000           /* O_RDONLY | O_CLOEXEC, as ld.so opens */
#define OPEN_FOLDER (02000000 | 0200000) /* and O_DIRECTORY */
#define OPEN_NOFOLLOW 0400000

#define PROT_NONE 0
#define PROT_READ 1
#define PROT_WRITE 2
#define MAP_PRIVATE 2
#define MAP_FIXED 0x10
#define MAP_ANONYMOUS 0x20
#define MAP_DENYWRITE 0x800
#define MAP_FIXED_NOREPLACE 0x100000

static inline long sys_call6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

static inline long sys_call3(long nr, long a, long b, long c)
{
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return ret;
}

static inline long sys_openat(int dir, const char *path, int flags)
{
	return sys_call6(SYS_OPENAT, dir, (long)path, flags, 0, 0, 0);
}

static inline long sys_read(int fd, void *to, size_t n)
{
	return sys_call3(SYS_READ, fd, (long)to, (long)n);
}

static inline void sys_close(int fd)
{
	sys_call3(SYS_CLOSE, fd, 0, 0);
}

static inline void sys_munmap(uint64_t address, uint64_t bytes)
{
	sys_call3(SYS_MUNMAP, (long)address, (long)bytes, 0);
}

static inline long sys_mprotect(uint64_t address, uint64_t bytes, int prot)
{
	return sys_call3(SYS_MPROTECT, (long)address, (long)bytes, prot);
}

struct sys_mapping {
	uint64_t address;
	uint64_t bytes;
	uint64_t offset;
	int prot, flags, fd;
};

static inline uint64_t sys_mmap(const struct sys_mapping *m)
{
	return (uint64_t)sys_call6(SYS_MMAP, (long)m->address, (long)m->bytes, m->prot, m->flags,
				   m->fd, (long)m->offset);
}

/* The kernel returns -4095..-1 for an error, never an address there. */
static inline int sys_failed(uint64_t address)
{
	return address > (uint64_t)-4096;
}

#endif
