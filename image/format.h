/*
 * format.h - every byte that an epoch publishes
 *
 * Shared by the writer (epochd), the shim and the tools; described for people
 * in matr-image(5).  Freestanding.  All integers are little-endian and of fixed
 * width; there is no pointer and no off_t on disk.  Three kinds of file:
 *
 *   epochs/N/prog/KEY   an *image*: all that the shim needs to start one program
 *   epochs/N/pages      the *pages*: residuals and materialised segments of all
 *                       libraries of the layout, each once; what later epochs of
 *                       the same layout add lies in further *layers*, pages.1 and up
 *   loader/HASH         the *prepared loader*: a copy of the installed ld.so with
 *                       its mmap redirected; behind it once more its writable
 *                       segment, with .bss as zeros, and one page, the *gate*,
 *                       so that one mapping serves all three
 *
 * A *layout* gives libraries their addresses.  It lasts until it is drawn anew; an
 * epoch that changes little keeps it, adds a layer, and shares the files of
 * the epoch before it that still hold (hard links), so an image or a layer may
 * be older than the epoch in whose folder it lies.
 *
 * Numbers called "address" are run-time addresses of the layout; "vaddr" is a
 * link-time address; "offset" a position in a file.
 *
 * An image whose flags have MATR_IMAGE_SLIDES is of a program with layout=exec: at every
 * exec the shim draws a distance, the *slide*, and adds it to every address of the
 * image and to every word of the mapped pages that holds one.  Both kinds of program
 * share the pages.
 *
 * Version history: 1 first published.  2 layouts that outlive an epoch, pages in layers,
 * answers to cpuid in the gate, and views.  3 layout=exec.  4 portable identities.
 */
#ifndef IMAGE_FORMAT_H
#define IMAGE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#define MATR_FORMAT_VERSION 4u
#define MATR_IMAGE_MAGIC 0x00474d495254414dull  /* "MATRIMG\0" */
#define MATR_PAGES_MAGIC 0x0047415052544d4dull  /* "MMTRPAG\0" */
#define MATR_GATE_MAGIC 0x005441475254414dull   /* "MATRGAT\0" */

#define MATR_PAGE 4096u
#define MATR_MAX_MEMBERS 4096u        /* objects of one closure */
#define MATR_MAX_IMAGE_BYTES (64u << 20)
#define MATR_MAX_LAYERS 8u            /* pages files of one layout */
#define MATR_SLIDE_SPAN (1ull << 44)  /* a slide is below this, and a multiple of slide_align */
#define MATR_MAX_GATE_SITES 4u        /* mmap calls in one ld.so that are redirected */
#define MATR_MAX_BUILD_ID 64u         /* bytes of a build-id that is read from a file */

#define MATR_ASSERT_OFFSET(type, member, at)                                                       \
	_Static_assert(offsetof(type, member) == (at), #type "." #member " has moved")

/*
 * What fstat tells of a file; all zero: the file does not exist.  Two files are the same where
 * all of it is; with MATR_IMAGE_PORTABLE where size, mtime_sec and the build-id are, for the rest
 * is not kept by tar, rsync or the layers of an image.
 */
struct matr_identity {
	uint64_t dev;
	uint64_t ino;
	uint64_t size;      /* bytes */
	int64_t mtime_sec;
	int64_t ctime_sec;
	uint32_t mtime_nsec;
	uint32_t ctime_nsec;
};
_Static_assert(sizeof(struct matr_identity) == 48, "identity");

/* A part of the image: `count` elements from byte `offset` of the file. */
struct matr_range {
	uint32_t offset;
	uint32_t count;
};

/* matr_image_header.flags */
enum {
	MATR_IMAGE_LAZY_LEFT = 1,   /* has slots that stay lazy: stock path under LD_BIND_NOW */
	MATR_IMAGE_CHECK_CPU = 2,   /* the closure depends on the processor's level */
	MATR_IMAGE_NEEDS_PATH = 4,  /* the key covers the program's path ($ORIGIN or no build-id) */
	MATR_IMAGE_OLD_FSTAT = 8,   /* this glibc uses fstat(2), not newfstatat(2) */
	MATR_IMAGE_PORTABLE = 16,   /* identities are size, mtime_sec and build-id; every object has one */
	MATR_IMAGE_HAS_PRELOAD = 32, /* ld.so.preload existed */
	MATR_IMAGE_HAS_CACHE = 64,  /* ld.so.cache existed */
	MATR_IMAGE_SLIDES = 128,    /* layout=exec: all addresses move by a slide drawn at exec */
	MATR_IMAGE_KNOWN_FLAGS = 255,
};

struct matr_image_header {
	uint64_t magic;
	uint32_t version;
	uint32_t header_bytes;     /* sizeof this structure */
	uint64_t file_bytes;       /* of the whole image */
	uint64_t checksum;         /* XXH64 of the bytes behind this member, seeded with XXH64 (seed 0) of those before */
	uint64_t store_id;         /* as in the pages and in the gate */
	uint64_t epoch;            /* the epoch that wrote it; for people */
	uint64_t key[2];           /* the program's key; its file name in hexadecimal */
	uint32_t flags;            /* MATR_IMAGE_* */
	uint32_t cpu_level;        /* x86-64 level 1 to 4 */
	struct matr_identity cache;     /* /etc/ld.so.cache */
	struct matr_identity preload;   /* /etc/ld.so.preload */
	struct matr_identity installed; /* the installed loader that was prepared */
	uint64_t layout_id;        /* random; as in the pages */
	struct matr_range layers;  /* struct matr_layer: the pages files that it uses, by number */
	struct matr_range loader_path; /* bytes, with NUL: path of the installed loader */
	struct matr_range loader_name; /* bytes, with NUL: file name below loader/ */
	struct matr_range program_path; /* bytes, with NUL: for people and for MATR_IMAGE_NEEDS_PATH */
	struct matr_range loader_segments; /* struct matr_segment: how the prepared loader is mapped */
	struct matr_range members; /* struct matr_member, in the order in which ld.so maps them */
	struct matr_range segments; /* struct matr_segment of all members */
	struct matr_range fixups;  /* struct matr_word: the executable's values in libraries */
	struct matr_range words;   /* struct matr_word: words written at exec, all objects */
	struct matr_range build_ids; /* bytes */
	struct matr_range residuals; /* Elf64_Rela of the executable, 8-byte aligned */
	/* The executable itself, member -1 so to speak: its words and its .dynamic. */
	struct matr_range exe_words;    /* slice of words: word = value (an address) */
	struct matr_range exe_relative; /* slice of words: word = value + executable's base */
	struct matr_range exe_dynamic;  /* slice of words: entries of .dynamic, see matr_word */
	uint64_t exe_dynamic_rela;      /* vaddr of the DT_RELA entry's value, or 0 */
	uint64_t loader_base;      /* load address of the prepared loader */
	uint64_t loader_entry;     /* address */
	uint64_t loader_dynamic;   /* address of its .dynamic: finds it in the link map */
	uint64_t gate_address;     /* the last page of the last loader segment */
	uint64_t gate_offset;      /* of the gate in the loader file */
	uint64_t loader_file_bytes;
	struct matr_identity program; /* size and mtime are checked where there is no build-id */
	struct matr_range views;   /* Elf64_Dyn of all members, 8-byte aligned */
	struct matr_range exe_plain;    /* slice of words: word = value (no address) */
	uint64_t slide_align;      /* power of two: what slides are multiples of; 0 without SLIDES */
	uint64_t moving_residuals; /* of residuals: the last so many have an address as addend, of
				      which the shim takes the executable's base; 0 without SLIDES */
	struct matr_range installed_build_id; /* slice of build_ids: the installed loader's, with PORTABLE */
	uint64_t installed_build_id_at; /* offset in the installed loader's file */
};
MATR_ASSERT_OFFSET(struct matr_image_header, version, 8);
MATR_ASSERT_OFFSET(struct matr_image_header, header_bytes, 12);
MATR_ASSERT_OFFSET(struct matr_image_header, file_bytes, 16);
MATR_ASSERT_OFFSET(struct matr_image_header, checksum, 24);
MATR_ASSERT_OFFSET(struct matr_image_header, store_id, 32);
MATR_ASSERT_OFFSET(struct matr_image_header, epoch, 40);
MATR_ASSERT_OFFSET(struct matr_image_header, key, 48);
MATR_ASSERT_OFFSET(struct matr_image_header, flags, 64);
MATR_ASSERT_OFFSET(struct matr_image_header, cpu_level, 68);
MATR_ASSERT_OFFSET(struct matr_image_header, cache, 72);
MATR_ASSERT_OFFSET(struct matr_image_header, preload, 120);
MATR_ASSERT_OFFSET(struct matr_image_header, installed, 168);
MATR_ASSERT_OFFSET(struct matr_image_header, layout_id, 216);
MATR_ASSERT_OFFSET(struct matr_image_header, layers, 224);
MATR_ASSERT_OFFSET(struct matr_image_header, loader_path, 232);
MATR_ASSERT_OFFSET(struct matr_image_header, loader_name, 240);
MATR_ASSERT_OFFSET(struct matr_image_header, program_path, 248);
MATR_ASSERT_OFFSET(struct matr_image_header, loader_segments, 256);
MATR_ASSERT_OFFSET(struct matr_image_header, members, 264);
MATR_ASSERT_OFFSET(struct matr_image_header, segments, 272);
MATR_ASSERT_OFFSET(struct matr_image_header, fixups, 280);
MATR_ASSERT_OFFSET(struct matr_image_header, words, 288);
MATR_ASSERT_OFFSET(struct matr_image_header, build_ids, 296);
MATR_ASSERT_OFFSET(struct matr_image_header, residuals, 304);
MATR_ASSERT_OFFSET(struct matr_image_header, exe_words, 312);
MATR_ASSERT_OFFSET(struct matr_image_header, exe_relative, 320);
MATR_ASSERT_OFFSET(struct matr_image_header, exe_dynamic, 328);
MATR_ASSERT_OFFSET(struct matr_image_header, exe_dynamic_rela, 336);
MATR_ASSERT_OFFSET(struct matr_image_header, loader_base, 344);
MATR_ASSERT_OFFSET(struct matr_image_header, loader_entry, 352);
MATR_ASSERT_OFFSET(struct matr_image_header, loader_dynamic, 360);
MATR_ASSERT_OFFSET(struct matr_image_header, gate_address, 368);
MATR_ASSERT_OFFSET(struct matr_image_header, gate_offset, 376);
MATR_ASSERT_OFFSET(struct matr_image_header, loader_file_bytes, 384);
MATR_ASSERT_OFFSET(struct matr_image_header, program, 392);
MATR_ASSERT_OFFSET(struct matr_image_header, views, 440);
MATR_ASSERT_OFFSET(struct matr_image_header, exe_plain, 448);
MATR_ASSERT_OFFSET(struct matr_image_header, slide_align, 456);
MATR_ASSERT_OFFSET(struct matr_image_header, moving_residuals, 464);
MATR_ASSERT_OFFSET(struct matr_image_header, installed_build_id, 472);
MATR_ASSERT_OFFSET(struct matr_image_header, installed_build_id_at, 480);
_Static_assert(sizeof(struct matr_image_header) == 488, "image header");

/* One pages file of the layout. */
struct matr_layer {
	uint64_t id;               /* random; as in that file */
	uint64_t bytes;            /* size of the file */
	uint64_t residual_address; /* where its residual part is mapped; 0: it has none */
	uint64_t residual_bytes;   /* from byte MATR_PAGE of the file, whole pages */
	uint64_t moving_bytes;     /* behind the residual part: the moving words, whole pages */
	uint32_t number;           /* 0: the file `pages`, else `pages.NUMBER`; below MATR_MAX_LAYERS */
	uint32_t unused;           /* 0 */
};
_Static_assert(sizeof(struct matr_layer) == 48, "layer");

/*
 * A layer's moving words: what a slide is added to.  One bit for each 8 bytes of the
 * segments, which begin directly behind: bit i of byte k stands for the word at
 * byte 8 * (8 * k + i) of them.  So the MATR_MOVING_BYTES for a page of segments lie together.
 */
#define MATR_MOVING_BYTES (MATR_PAGE / 64)

/* matr_segment.source */
enum {
	MATR_SOURCE_FILE = 0,      /* the descriptor that ld.so passes, at the offset it passes */
	MATR_SOURCE_PAGES = 1,     /* a pages file, at source_offset */
	MATR_SOURCE_ANONYMOUS = 2, /* no file: .bss */
};

/* One mmap call that ld.so makes for a member (or the shim for the loader). */
struct matr_segment {
	uint64_t address;       /* page boundary */
	uint64_t bytes;         /* as passed to mmap */
	uint64_t offset;        /* file offset as passed to mmap */
	uint64_t source_offset; /* MATR_SOURCE_PAGES: offset in the pages file; a member's first
				   call: bytes of the first segment alone, whole pages; 0: unknown */
	uint32_t prot;          /* PROT_* as passed */
	uint16_t source;        /* MATR_SOURCE_* */
	uint16_t layer;         /* MATR_SOURCE_PAGES: index into the image's layers; else 0 */
};
_Static_assert(sizeof(struct matr_segment) == 40, "segment");

/* matr_member.flags */
enum {
	MATR_MEMBER_PRIVATE = 1, /* keeps its own file's pages; words are its whole table */
	MATR_MEMBER_KNOWN_FLAGS = 1,
};

/*
 * What ld.so shall see of a member's headers when it reads them (view_address): its
 * PT_DYNAMIC lies there, is read-only and says what is left to do; no PT_GNU_RELRO where
 * relro_bytes are read-only from the start; and what a writable segment has of .bss in its
 * last page belongs to the file, for it is zero there.  Where the program has a view of its
 * own (`view`), that one is shown instead: without DT_NEEDED entries that ask again for what
 * is there (epochd/needs.h).
 */

/* One library of the closure, without the loader. */
struct matr_member {
	struct matr_identity identity;
	uint64_t base;           /* load address (l_addr) */
	uint64_t start;          /* address of its first page */
	uint64_t span;           /* bytes of ld.so's first mmap */
	uint64_t reserve_bytes;  /* 0, or length of the reservation that may come before */
	uint64_t build_id_address; /* run-time; 0: not checked */
	struct matr_range segments; /* slice of the image's segments; the first is the whole span */
	struct matr_range fixups;   /* slice of fixups */
	struct matr_range words;    /* slice of words: its whole table (PRIVATE), or a patch of its pages */
	struct matr_range build_id; /* slice of build_ids */
	uint32_t flags;
	uint32_t path_hash;      /* low 32 bits of XXH64 of the path: a hint for people's tools */
	uint64_t view_address;   /* of the dynamic section as ld.so shall see it; 0: its own */
	uint64_t dynamic_address; /* of its own, which l_ld names in the end; with a view only */
	uint64_t relro_bytes;    /* from the first segment of pages: read-only as soon as its words are written; whole pages */
	struct matr_range view;  /* slice of the image's views, ended by DT_NULL; none: view_address */
	uint32_t address_words;  /* of words: the first so many hold addresses, the rest do not */
	uint32_t unused;         /* 0 */
};
MATR_ASSERT_OFFSET(struct matr_member, base, 48);
MATR_ASSERT_OFFSET(struct matr_member, segments, 88);
MATR_ASSERT_OFFSET(struct matr_member, flags, 120);
MATR_ASSERT_OFFSET(struct matr_member, view_address, 128);
MATR_ASSERT_OFFSET(struct matr_member, view, 152);
MATR_ASSERT_OFFSET(struct matr_member, address_words, 160);
_Static_assert(sizeof(struct matr_member) == 168, "member");

/*
 * One 8-byte word written at exec.
 *   fixups:       word at `where` (address)  = value + executable's base
 *   member words: word at `where` (address)  = value
 *   exe_words:    word at `where` (vaddr)    = value, an address
 *   exe_plain:    word at `where` (vaddr)    = value
 *   exe_relative: word at `where` (vaddr)    = value + executable's base
 *   exe_dynamic:  word at `where` (vaddr)    = value
 */
struct matr_word {
	uint64_t where;
	uint64_t value;
};
_Static_assert(sizeof(struct matr_word) == 16, "word");

/*
 * content_checksum: the content in pieces of this many bytes (the last one shorter),
 * each with its XXH64, seed 0; and of these hashes, one after the other, the XXH64.
 */
#define MATR_PAGES_PIECE (1u << 20)

/* The first page of a pages file; the rest of the page is zero. */
struct matr_pages_header {
	uint64_t magic;
	uint32_t version;
	uint32_t header_bytes;
	uint64_t file_bytes;
	uint64_t checksum;        /* XXH64, seed 0, of this structure with this member 0 */
	uint64_t store_id;
	uint64_t epoch;           /* the epoch that wrote it; for people */
	uint64_t layout_id;       /* the same in all files of a layout */
	uint64_t id;              /* of this file alone */
	uint64_t residual_address;
	uint64_t residual_bytes;  /* directly behind this page */
	uint64_t moving_bytes;    /* directly behind the residual part */
	uint64_t content_checksum; /* of everything behind this page, see MATR_PAGES_PIECE */
};
_Static_assert(sizeof(struct matr_pages_header) == 96, "pages header");

/*
 * What the processor of the machine that prepared the loader answers to cpuid.  ld.so
 * asks about seventy times at every start, and under virtualisation each time
 * traps.  The answers hold where the signature, asked anew at every exec, is the same.
 */
#define MATR_MAX_CPU_ANSWERS 80u
#define MATR_ANY_SUBLEAF 0xffffffffu /* the leaf has none: ecx does not matter */

struct matr_cpu_answer {
	uint32_t leaf, subleaf;      /* eax and ecx before */
	uint32_t eax, ebx, ecx, edx; /* after */
};
_Static_assert(sizeof(struct matr_cpu_answer) == 24, "cpu answer");

struct matr_cpu_signature {
	uint32_t leaf_1[4]; /* eax, ebx without the APIC id (its highest byte), ecx, edx */
	uint32_t leaf_7[3]; /* ebx, ecx, edx of subleaf 0; zero where there is no leaf 7 */
	uint32_t states;    /* low half of XCR0; 0 without OSXSAVE */
};
_Static_assert(sizeof(struct matr_cpu_signature) == 32, "cpu signature");

/*
 * The last page of a prepared loader's file, mapped behind the loader's data.
 * The redirected instructions jump through `entry`; the shim fills it, checks
 * the rest and makes the page read-only before anything runs.
 */
struct matr_gate {
	uint64_t magic;
	uint32_t version;
	uint32_t header_bytes;
	uint64_t checksum;       /* XXH64, seed 0, of this structure with this member and entries 0 */
	uint64_t store_id;
	uint64_t digest[2];      /* of the installed loader's content; the file's name */
	uint32_t site_count;     /* redirected mmap calls */
	uint32_t state_at;       /* vaddr of _dl_debug_state, redirected; 0: left alone */
	uint64_t entry[MATR_MAX_GATE_SITES]; /* in the file 0: address of the shim's stub per site */
	uint64_t state_entry;    /* in the file 0: address of the shim's _dl_debug_state */
	uint64_t back[MATR_MAX_GATE_SITES];  /* vaddr behind the syscall instruction, per site */
	uint64_t cpuid_entry;    /* in the file 0: address of what the redirected cpuids call */
	uint64_t read_entry;     /* the same for redirected read calls */
	uint64_t pread_entry;    /* and for pread64 */
	uint32_t cpuid_sites;    /* redirected cpuid instructions; 0: none, no answers */
	uint32_t read_sites, pread_sites; /* redirected calls */
	uint32_t answer_count;   /* the oftener asked for, the earlier */
	struct matr_cpu_signature signature;
	struct matr_cpu_answer answers[MATR_MAX_CPU_ANSWERS];
};
MATR_ASSERT_OFFSET(struct matr_gate, entry, 56);
MATR_ASSERT_OFFSET(struct matr_gate, state_entry, 88);
MATR_ASSERT_OFFSET(struct matr_gate, back, 96);
MATR_ASSERT_OFFSET(struct matr_gate, cpuid_entry, 128);
MATR_ASSERT_OFFSET(struct matr_gate, answer_count, 164);
MATR_ASSERT_OFFSET(struct matr_gate, signature, 168);
MATR_ASSERT_OFFSET(struct matr_gate, answers, 200);
_Static_assert(sizeof(struct matr_gate) == 2120, "gate");

#endif
