/*
 * epoch.c - finding the image, checking it, mapping loader and residuals
 *
 * Environment: before ld.so runs.  Until the first mapping is made nothing has
 * changed; every failure gives back what was mapped and opened, so the stock
 * path starts from where the kernel left off.
 */
#include "ldso-shim/shim.h"

#include "image/cpu.h"
#include "image/key.h"
#include "ldso-shim/sys.h"

#define TYPE_FOLDER 0040000u
#define TYPE_FILE 0100000u

struct open_epoch {
	int folder; /* epochs/N, through `current` */
	int image, loader;
};

static void close_if_open(int *fd)
{
	if (*fd >= 0)
		sys_close(*fd);
	*fd = -1;
}

static int append(char *to, size_t room, const char *a, const char *b)
{
	size_t n = text_length(a), m = text_length(b);

	if (n + m >= room)
		return 0;
	for (size_t i = 0; i < n; i++)
		to[i] = a[i];
	for (size_t i = 0; i <= m; i++)
		to[n + i] = b[i];
	return 1;
}

/* Not by one path: with a buffer for it the stack would have to be larger than ld.so needs it. */
static int open_current(const char *store)
{
	int folder, current;

	if (!store)
		return (int)sys_openat(AT_FDCWD_VALUE, STORE_DEFAULT "/current", OPEN_FOLDER);
	folder = (int)sys_openat(AT_FDCWD_VALUE, store, OPEN_FOLDER);
	if (folder < 0)
		return folder;
	current = (int)sys_openat(folder, "current", OPEN_FOLDER);
	sys_close(folder);
	return current;
}

static enum reason open_files(struct open_epoch *o)
{
	char key[MATR_KEY_NAME_BYTES], name[64];

	o->folder = open_current(S.policy.store);
	if (o->folder < 0)
		return REASON_NO_EPOCH;
	matr_key_name(S.program.key, key);
	append(name, sizeof(name), "prog/", key);
	o->image = (int)sys_openat(o->folder, name, OPEN_READ);
	return o->image < 0 ? REASON_NO_IMAGE : REASON_NONE;
}

/* Whose files are these?  The header's one bit tells how this glibc asks. */
static enum reason trust(const struct open_epoch *o, uint64_t *bytes)
{
	struct matr_image_header h;
	struct file_facts folder, image;

	if (sys_read(o->image, &h, sizeof(h)) != sizeof(h))
		return REASON_IMAGE_DAMAGED;
	S.old_fstat = (h.flags & MATR_IMAGE_OLD_FSTAT) != 0;
	if (!file_facts(o->folder, &folder) || !file_facts(o->image, &image) ||
	    !file_trusted(&folder, TYPE_FOLDER, &S.process) ||
	    !file_trusted(&image, TYPE_FILE, &S.process))
		return REASON_STORE_UNTRUSTED;
	if (S.policy.store && S.process.euid == 0 && !folder_chain_trusted(S.policy.store))
		return REASON_STORE_UNTRUSTED;
	*bytes = image.identity.size;
	return REASON_NONE;
}

static enum reason map_image(const struct open_epoch *o, uint64_t bytes)
{
	struct sys_mapping m = {
		.bytes = bytes, .prot = PROT_READ, .flags = MAP_PRIVATE, .fd = o->image};
	enum reason reason;
	uint64_t at;

	if (bytes < sizeof(struct matr_image_header) || bytes > MATR_MAX_IMAGE_BYTES)
		return REASON_IMAGE_DAMAGED;
	at = sys_mmap(&m);
	if (sys_failed(at))
		return REASON_MAP_FAILED;
	reason = matr_image_open((const void *)at, bytes, &S.image);
	if (reason)
		sys_munmap(at, bytes);
	else
		S.image_bytes = bytes;
	return reason;
}

static int in_program(uint64_t where)
{
	return where >= S.program.writable_start && where < S.program.writable_end &&
	       S.program.writable_end - where >= 8;
}

static int words_in_program(struct matr_range r)
{
	const struct matr_word *w = S.image.words + r.offset;

	for (uint32_t i = 0; i < r.count; i++)
		if (!in_program(w[i].where))
			return 0;
	return 1;
}

/* The image is of this program as it lies in memory. */
static enum reason check_program(const struct matr_image_header *h)
{
	if (h->key[0] != S.program.key[0] || h->key[1] != S.program.key[1] ||
	    !(h->flags & MATR_IMAGE_NEEDS_PATH) != !S.program.path)
		return REASON_IMAGE_FOREIGN;
	if (S.program.path && !text_equal(S.image.program_path, S.program.path))
		return REASON_IMAGE_FOREIGN;
	if (!words_in_program(h->exe_words) || !words_in_program(h->exe_relative) ||
	    !words_in_program(h->exe_plain) || !words_in_program(h->exe_dynamic) ||
	    (h->exe_dynamic_rela && !in_program(h->exe_dynamic_rela)))
		return REASON_PROGRAM_CHANGED;
	return REASON_NONE;
}

/* Without a build-id the file itself is asked: size and time of last change. */
static enum reason check_program_file(const struct matr_image_header *h)
{
	struct file_facts f;
	long fd;
	int same;

	if (S.program.build_id_bytes)
		return REASON_NONE;
	fd = sys_openat(AT_FDCWD_VALUE, S.program.path, OPEN_READ);
	if (fd < 0)
		return REASON_PROGRAM_CHANGED;
	same = file_facts((int)fd, &f) && f.identity.size == h->program.size &&
	       f.identity.mtime_sec == h->program.mtime_sec &&
	       f.identity.mtime_nsec == h->program.mtime_nsec;
	sys_close((int)fd);
	return same ? REASON_NONE : REASON_PROGRAM_CHANGED;
}

/* What would make ld.so find other libraries at every exec: one look instead of a restart. */
static enum reason check_system(const struct matr_image_header *h)
{
	enum reason reason;

	if ((h->flags & MATR_IMAGE_LAZY_LEFT) && S.policy.bind_now)
		return REASON_BIND_NOW;
	if ((h->flags & MATR_IMAGE_CHECK_CPU) && matr_cpu_level() != h->cpu_level)
		return REASON_CPU_CHANGED;
	reason = path_identity_check("/etc/ld.so.preload", &h->preload,
				     (h->flags & MATR_IMAGE_HAS_PRELOAD) != 0,
				     REASON_PRELOAD_CHANGED);
	if (!reason)
		reason = path_identity_check("/etc/ld.so.cache", &h->cache,
					     (h->flags & MATR_IMAGE_HAS_CACHE) != 0,
					     REASON_CACHE_CHANGED);
	if (!reason)
		reason = loader_identity_check();
	return reason ? reason : check_program_file(h);
}

/* `pages`, or `pages.N` with one digit. */
static void layer_name(char *to, uint32_t number)
{
	append(to, 8, "pages", number ? ".N" : "");
	if (number)
		to[6] = (char)('0' + number);
}

static enum reason open_layer(const struct open_epoch *o, const struct matr_layer *l, int *fd)
{
	const struct matr_image_header *h = S.image.header;
	struct matr_pages_header pages;
	struct file_facts f;
	char name[8];

	layer_name(name, l->number);
	*fd = (int)sys_openat(o->folder, name, OPEN_READ);
	if (*fd < 0 || !file_facts(*fd, &f) ||
	    sys_read(*fd, &pages, sizeof(pages)) != sizeof(pages))
		return REASON_EPOCH_INCOMPLETE;
	if (!file_trusted(&f, TYPE_FILE, &S.process))
		return REASON_STORE_UNTRUSTED;
	if (matr_pages_check(&pages, f.identity.size))
		return REASON_EPOCH_INCOMPLETE;
	if (pages.store_id != h->store_id || pages.layout_id != h->layout_id ||
	    pages.id != l->id || pages.file_bytes != l->bytes ||
	    pages.residual_address != l->residual_address ||
	    pages.residual_bytes != l->residual_bytes || pages.moving_bytes != l->moving_bytes)
		return REASON_IMAGE_FOREIGN;
	return REASON_NONE;
}

/* Only the layers that this program uses; nearly always that is one. */
static enum reason open_pages(const struct open_epoch *o)
{
	enum reason reason = REASON_NONE;

	for (uint32_t i = 0; !reason && i < S.image.header->layers.count; i++)
		reason = open_layer(o, &S.image.layers[i], &S.pages_fd[i]);
	return reason;
}

void epoch_close_pages(void)
{
	for (uint32_t i = 0; i < MATR_MAX_LAYERS; i++)
		close_if_open(&S.pages_fd[i]);
}

static enum reason open_loader(struct open_epoch *o, const struct matr_image_header *h)
{
	char path[128]; /* the name is a hash */
	struct file_facts f;

	if (!append(path, sizeof(path), "../../loader/", S.image.loader_name))
		return REASON_EPOCH_INCOMPLETE;
	o->loader = (int)sys_openat(o->folder, path, OPEN_READ);
	if (o->loader < 0 || !file_facts(o->loader, &f) ||
	    f.identity.size != h->loader_file_bytes)
		return REASON_EPOCH_INCOMPLETE;
	return file_trusted(&f, TYPE_FILE, &S.process) ? REASON_NONE : REASON_STORE_UNTRUSTED;
}

/* Maps at exactly that address, over nothing. */
static enum reason map_at(struct sys_mapping m)
{
	uint64_t at;

	m.flags |= MAP_PRIVATE | MAP_FIXED_NOREPLACE;
	at = sys_mmap(&m);
	if (at == m.address)
		return REASON_NONE;
	if (sys_failed(at))
		return at == (uint64_t)-17 /* EEXIST */ ? REASON_ADDRESS_TAKEN : REASON_MAP_FAILED;
	sys_munmap(at, m.bytes); /* a kernel before 4.17 takes the flag for a hint */
	return REASON_ADDRESS_TAKEN;
}

static enum reason map_loader_segments(const struct matr_image_header *h, int fd)
{
	uint32_t i;

	for (i = 0; i < h->loader_segments.count; i++) {
		const struct matr_segment *s = &S.image.loader_segments[i];
		int anonymous = s->source == MATR_SOURCE_ANONYMOUS;
		enum reason reason = map_at((struct sys_mapping){
			.address = s->address,
			.bytes = s->bytes,
			.offset = anonymous ? 0 : s->offset,
			.prot = (int)s->prot,
			.flags = anonymous ? MAP_ANONYMOUS : 0,
			.fd = anonymous ? -1 : fd,
		});

		if (reason) {
			while (i--)
				sys_munmap(S.image.loader_segments[i].address,
					   S.image.loader_segments[i].bytes);
			return reason;
		}
	}
	return REASON_NONE;
}

static void unmap_loader(const struct matr_image_header *h)
{
	for (uint32_t i = 0; i < h->loader_segments.count; i++)
		sys_munmap(S.image.loader_segments[i].address, S.image.loader_segments[i].bytes);
}

static uint64_t stub_address(uint32_t site)
{
	/* Spelled out: a table of addresses would need relocations. */
	return (uint64_t)(site == 0 ? stub_0 : site == 1 ? stub_1 : site == 2 ? stub_2 : stub_3);
}

/* True where this processor is the one that the answers were recorded on. */
static int same_processor(const struct matr_gate *gate, uint32_t *apic_id)
{
	struct matr_cpu_signature now;
	const uint32_t *a = (const void *)&now, *b = (const void *)&gate->signature;

	*apic_id = matr_cpu_signature(&now);
	for (uint32_t i = 0; i < sizeof(now) / sizeof(*a); i++)
		if (a[i] != b[i])
			return 0;
	return 1;
}

/* Recorded answers, this core's identity put in; else ld.so asks the processor as ever. */
static void answer_cpuid(struct matr_gate *gate)
{
	uint32_t apic_id;

	gate->cpuid_entry = (uint64_t)cpuid_ask;
	if (!gate->cpuid_sites || !gate->answer_count || !same_processor(gate, &apic_id))
		return;
	S.answers = gate->answers;
	S.answers_end = gate->answers + gate->answer_count;
	for (struct matr_cpu_answer *a = gate->answers; a < S.answers_end; a++) {
		if (a->leaf == 1)
			a->ebx |= apic_id << 24;
		if (a->leaf == 0xb)
			a->edx = apic_id;
	}
	gate->cpuid_entry = (uint64_t)cpuid_answer;
}

/*
 * The gate is the last page of the loader's writable segment: addresses of the
 * stubs go in, then it becomes read-only.
 */
static enum reason fill_gate(const struct matr_image_header *h)
{
	struct matr_gate *gate = (struct matr_gate *)h->gate_address;

	if (matr_gate_check(gate) || gate->store_id != h->store_id)
		return REASON_EPOCH_INCOMPLETE;
	for (uint32_t i = 0; i < gate->site_count; i++) {
		gate->entry[i] = stub_address(i);
		S.back[i] = h->loader_base + gate->back[i];
	}
	gate->state_entry = (uint64_t)state_stub;
	gate->read_entry = (uint64_t)read_stub;
	gate->pread_entry = (uint64_t)pread_stub;
	answer_cpuid(gate);
	return sys_mprotect(h->gate_address, MATR_PAGE, PROT_READ) < 0 ? REASON_MAP_FAILED
								       : REASON_NONE;
}

/* The residual part, and where it is needed the moving words behind it. */
uint64_t epoch_mapped_bytes(const struct matr_layer *l)
{
	return l->residual_bytes + (S.image.header->slide_align ? l->moving_bytes : 0);
}

static void unmap_residuals(uint32_t count)
{
	while (count--)
		if (epoch_mapped_bytes(&S.image.layers[count]))
			sys_munmap(S.image.layers[count].residual_address,
				   epoch_mapped_bytes(&S.image.layers[count]));
}

static enum reason map_residuals(const struct matr_image_header *h)
{
	for (uint32_t i = 0; i < h->layers.count; i++) {
		const struct matr_layer *l = &S.image.layers[i];
		enum reason reason = REASON_NONE;

		if (epoch_mapped_bytes(l))
			reason = map_at((struct sys_mapping){.address = l->residual_address,
							     .bytes = epoch_mapped_bytes(l),
							     .offset = MATR_PAGE,
							     .prot = PROT_READ | PROT_WRITE,
							     .fd = S.pages_fd[i]});
		if (reason) {
			unmap_residuals(i);
			return reason;
		}
	}
	return REASON_NONE;
}

static enum reason map_epoch(const struct matr_image_header *h, int loader)
{
	enum reason reason = map_loader_segments(h, loader);

	if (reason)
		return reason;
	reason = map_residuals(h);
	if (!reason) {
		reason = fill_gate(h);
		if (!reason)
			return REASON_NONE;
		unmap_residuals(h->layers.count);
	}
	unmap_loader(h);
	return reason;
}

static enum reason check_and_map(struct open_epoch *o)
{
	const struct matr_image_header *h = S.image.header;
	enum reason reason = check_program(h);

	if (!reason)
		reason = check_system(h);
	if (!reason)
		reason = open_pages(o);
	if (!reason)
		reason = open_loader(o, h);
	if (!reason)
		reason = slide_image();
	if (!reason)
		reason = map_epoch(h, o->loader);
	if (reason) {
		epoch_close_pages();
		sys_munmap((uint64_t)h, S.image_bytes);
	}
	return reason;
}

enum reason epoch_enter(uint64_t *entry)
{
	struct open_epoch o = {.folder = -1, .image = -1, .loader = -1};
	enum reason reason;
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < MATR_MAX_LAYERS; i++)
		S.pages_fd[i] = -1;
	reason = open_files(&o);
	if (!reason)
		reason = trust(&o, &bytes);
	if (!reason)
		reason = map_image(&o, bytes);
	if (!reason)
		reason = check_and_map(&o);
	close_if_open(&o.loader);
	close_if_open(&o.image);
	close_if_open(&o.folder);
	if (!reason)
		*entry = S.image.header->loader_entry;
	return reason;
}

void epoch_leave(void)
{
	const struct matr_image_header *h = S.image.header;

	epoch_close_pages();
	unmap_loader(h);
	unmap_residuals(h->layers.count);
	sys_munmap((uint64_t)h, S.image_bytes);
}
