/*
 * shim.h - ld-matr.so.1: the parts of the interpreter and what they share
 *
 * The shim runs once, in one thread, before any code of the process.  It has
 * no libc, no relocation and no allocation; all that it must remember lies in
 * one structure, `S`, in a page of its own, which becomes read-only when its
 * work is done.
 *
 *   start.S    kernel's entry; the stubs that ld.so's mmap calls jump to
 *   shim.c     the stages, in order: read as a table of contents
 *   process.c  the stack that the kernel made: arguments, environment, auxv
 *   policy.c   environment and secure mode: may the fast path be taken at all?
 *   program.c  the executable in memory: headers, dynamic section, key
 *   files.c    opening and trusting files of the store
 *   epoch.c    finding the image, checking it, mapping loader and residuals
 *   hook.c     answering ld.so's mmap calls
 *   view.c     what ld.so sees of a library's headers and dynamic section
 *   slide.c    layout=exec: moving all addresses by a distance drawn at exec
 *   stock.c    the stock path; the restart
 *   debugger.c a breakpoint of gdb, on the stock path
 *   trace.c    the one line of LD_MATR_DEBUG
 *   memory.c   memcpy and friends, for the compiler
 */
#ifndef LDSO_SHIM_SHIM_H
#define LDSO_SHIM_SHIM_H

#include "image/front.h"
#include "image/image.h"

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_DEFAULT "/var/lib/matr"

#define MAX_PATH 4096
#define MAX_DYNAMIC 64 /* entries of the executable's dynamic section beside DT_NEEDED */
#define MAX_STRAYS 32  /* mappings of ld.so that a restart takes back; more are left behind */

/* What the kernel handed over.  All pointers are into the stack or the executable. */
struct process {
	uint64_t *stack;     /* at argc: the stack pointer that ld.so gets */
	char **argv, **envp;
	Elf64_auxv_t *auxv;
	Elf64_auxv_t *base;  /* the AT_BASE entry */
	const Elf64_Phdr *phdr;
	size_t phdr_count;
	uint64_t entry;      /* AT_ENTRY, run-time address */
	uint64_t own_base;   /* load address of the shim */
	const char *exec_name; /* AT_EXECFN */
	uint32_t uid, euid;
	int secure;          /* AT_SECURE */
};

/* What the environment asks for. */
struct policy {
	const char *store; /* LD_MATR_STORE or NULL */
	int debug, require, bind_now;
	char **tunables;   /* where the environment has GLIBC_TUNABLES, or NULL; and what: */
	char *tunables_text;
	size_t tunables_bytes;
	enum reason reason; /* why the fast path is out of the question; NONE: it is not */
};

/* What a program's key is made of, as .dynamic tells: vaddrs and bytes. */
struct program_tables {
	uint64_t strings, strings_bytes, plt, plt_bytes, rela, rela_bytes;
};

/* The executable, as the kernel mapped it. */
struct program {
	uint64_t base;            /* load address: run-time minus link-time */
	Elf64_Dyn *dynamic;
	size_t dynamic_count;     /* with DT_NULL */
	int dynamic_writable;
	uint64_t writable_start, writable_end; /* vaddr span of its writable segments */
	const uint8_t *build_id;
	size_t build_id_bytes;
	struct program_tables tables;
	int has_origin;           /* its own search path names $ORIGIN */
	const char *path;         /* the path that the key covers; NULL: none; until epoch_enter ends */
	uint64_t key[2];
};

struct range64 {
	uint64_t address, bytes;
};

/* shim.armed; start.S compares with 0 and 1 */
enum {
	ARMED_NOT = 0,      /* all is over: every call goes to the kernel */
	ARMED_MAPPING = 1,  /* ld.so maps the closure */
	ARMED_COMPLETE = 2, /* the closure is complete, ld.so relocates */
};

/* Where the answering of mmap calls stands. */
struct hook {
	uint32_t member;      /* index of the member whose calls are expected */
	uint32_t call;        /* the next of its calls; 0: its first */
	int reserved;         /* its reservation has been made */
	int piecewise;        /* it is mapped segment by segment, not first as a whole */
	int fd;               /* the descriptor of its file, checked */
	uint64_t relro;       /* its relro_bytes, until they are mapped */
	uint64_t headers_at;  /* offset of its program headers, where ld.so reads them by themselves */
	int viewed;           /* ld.so has been shown its headers as the image wants them */
	enum reason doomed;   /* a mismatch was seen where ld.so's descriptor was not known */
	uint32_t stray_count;
	struct range64 strays[MAX_STRAYS]; /* what ld.so mapped beside the plan */
};

struct shim {
	uint8_t armed;        /* ARMED_*; read by start.S */
	uint64_t back[MATR_MAX_GATE_SITES]; /* run-time return addresses; read by start.S */
	const struct matr_cpu_answer *answers, *answers_end; /* in the gate; read by start.S */
	uint64_t debug_state; /* where a debugger waits for ld.so's event; read by start.S */
	struct process process;
	struct policy policy;
	struct program program;
	struct matr_image image;
	uint64_t image_bytes;
	int old_fstat;
	uint64_t slide;       /* layout=exec: what was added to every address of the image; else 0 */
	int pages_fd[MATR_MAX_LAYERS]; /* by layer of the image; -1: not open */
	struct hook hook;
	uint64_t saved_dynamic[MAX_DYNAMIC]; /* program_save: values of .dynamic as linked */
};

extern struct shim S;

/* process.c */
void process_read(struct process *p, uint64_t *stack);
void process_remove_matr_variables(struct process *p);

/* policy.c */
void policy_read(struct policy *out, const struct process *p);

/*
 * program.c: 0, or the reason why this executable cannot be looked up.  Where it
 * has_origin, program_read_path comes before the key; `path` is the caller's.
 */
enum reason program_read(struct program *out, const struct process *p);
enum reason program_read_path(struct program *out, char path[MAX_PATH]);
void program_make_key(struct program *out, const struct process *p);
const char *program_interpreter(const struct process *p); /* PT_INTERP, or 0: it cannot be told */
/*
 * ld.so adds the load address to pointers in .dynamic and fills DT_DEBUG in; a restart gives it
 * the section as it was linked.  Of DT_NEEDED, the one tag that may be there a thousand
 * times, it changes nothing.
 */
void program_save(const struct program *p, uint64_t values[MAX_DYNAMIC]);
void program_restore(const struct program *p, const uint64_t values[MAX_DYNAMIC]);

/* files.c */
struct file_facts {
	struct matr_identity identity;
	uint32_t mode, uid;
};
int file_facts(int fd, struct file_facts *out);
int file_trusted(const struct file_facts *f, uint32_t type, const struct process *p);
int folder_chain_trusted(const char *path);
int identity_matches(const struct matr_identity *a, const struct matr_identity *b);
enum reason path_identity_check(const char *path, const struct matr_identity *want, int exists,
				enum reason if_changed);
enum reason loader_identity_check(void);

/* epoch.c: finds, checks and maps; on success S.image is set and ld.so's entry returned */
enum reason epoch_enter(uint64_t *entry);
void epoch_leave(void); /* unmaps and closes what epoch_enter made */
void epoch_close_pages(void);
uint64_t epoch_mapped_bytes(const struct matr_layer *l); /* from its residual_address on */

/* hook.c */
long hook_mmap(uint64_t address, uint64_t bytes, int prot, int flags, int fd, uint64_t offset);
long hook_read(int fd, uint8_t *to, uint64_t bytes);
long hook_pread(int fd, uint8_t *to, uint64_t bytes, uint64_t offset);
void hook_state_event(void);
uint64_t hook_mapped_bytes(void);

/* view.c */
void view_file(const struct matr_member *m, uint8_t *start, uint64_t bytes);
void view_headers(const struct matr_member *m, Elf64_Phdr *headers, uint64_t count);
void view_end(void);

/* struct r_debug and struct link_map as <link.h> publishes them. */
struct public_map {
	uint64_t l_addr;
	const char *l_name;
	uint64_t l_ld;
	struct public_map *l_next;
};

struct public_debug {
	int r_version;
	struct public_map *r_map;
	uint64_t r_brk;
	int r_state; /* 0 consistent, 1 adding, 2 deleting */
};

/* The one that ld.so has entered in the executable's DT_DEBUG; NULL: not yet. */
const struct public_debug *hook_debug(void);

/*
 * slide.c: nothing to do but in layout=exec.  slide_image moves the addresses of S.image,
 * before any of them is used; slide_segment those in a segment of a pages file that has
 * just been mapped.
 */
enum reason slide_image(void);
void slide_segment(const struct matr_segment *s);

/* stock.c */
enum reason stock_map(uint64_t *entry);
void stock_run(void) __attribute__((noreturn)); /* run as a program (ldd): the loader is meant */
void stock_exec(void) __attribute__((noreturn));
void restart(enum reason why, int fd) __attribute__((noreturn));

/*
 * debugger.c: `dynamic` is the vaddr of the loader's .dynamic.  Returns a page of its
 * text that could not be made executable again, to be mapped anew; 0: none.
 */
uint64_t debugger_follow(uint64_t base, uint64_t dynamic);

/* trace.c */
void trace_epoch(uint64_t epoch);
void trace_stock(enum reason why); /* with LD_MATR_REQUIRE it does not return */
void fail(const char *what) __attribute__((noreturn));

/* start.S */
extern const char stub_0[], stub_1[], stub_2[], stub_3[];
extern const char _start[], state_stub[];
/* what the prepared loader's stubs call */
extern const char cpuid_answer[], cpuid_ask[], read_stub[], pread_stub[];
extern const uint8_t _dl_debug_state[]; /* one `ret`, or what a debugger put there */
void jump_to(uint64_t entry, uint64_t *stack) __attribute__((noreturn));

/* start.S; all zero but in system mode */
extern const struct matr_front matr_front;

/* The shim's own ELF header; the linker's name for it. */
extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

/* small helpers */
size_t text_length(const char *s);
int text_equal(const char *a, const char *b);
int text_starts(const char *s, const char *prefix);

#endif
