#include "epochd/status.h"

#include "common/file.h"

#include <fcntl.h>
#include <string.h>

#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define BOOT_ID_KEY "\"boot_id\": \""

/* ASCII is safe in every reader; what is no ASCII is not needed to understand a reason. */
static void put_text(struct buf *b, const char *name, const char *text)
{
	buf_printf(b, "  \"%s\": ", name);
	if (!text) {
		buf_puts(b, "null,\n");
		return;
	}
	buf_puts(b, "\"");
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			buf_printf(b, "\\%c", c);
		else
			buf_put_u8(b, c < ' ' || c > '~' ? '?' : c);
	}
	buf_puts(b, "\",\n");
}

static void put_number(struct buf *b, const char *name, uint64_t n)
{
	if (n)
		buf_printf(b, "  \"%s\": %llu,\n", name, (unsigned long long)n);
	else
		buf_printf(b, "  \"%s\": null,\n", name);
}

void status_write(const struct status *s, struct buf *out)
{
	buf_puts(out, "{\n");
	put_text(out, "state", s->state);
	put_text(out, "why", s->why);
	put_number(out, "since", (uint64_t)s->since_nsec);
	put_number(out, "epoch", s->epoch);
	put_number(out, "pid", (uint64_t)s->pid);
	put_text(out, "boot_id", s->boot_id);
	put_text(out, "packages", s->packages);
	buf_printf(out, "  \"watch\": {\"how\": \"%s\", \"folders\": %llu, \"unwatched\": %llu},\n",
		   s->watch.how, (unsigned long long)s->watch.folders,
		   (unsigned long long)s->watch.unwatched);
	buf_puts(out, "  \"last\": {\n  ");
	put_text(out, "result", s->last_result);
	buf_puts(out, "  ");
	put_text(out, "reason", s->last_result ? s->last_reason : NULL);
	buf_printf(out, "    \"ended\": %lld,\n    \"took\": %llu\n  },\n",
		   (long long)s->last_ended_nsec, (unsigned long long)s->last_took_nsec);
	buf_printf(out, "  \"builds\": %llu,\n  \"failures\": %llu,\n  \"schema\": 1\n}\n",
		   (unsigned long long)s->builds, (unsigned long long)s->failures);
}

void status_boot_id(char out[STATUS_BOOT_ID_BYTES])
{
	struct buf b = BUF_INIT;

	out[0] = '\0';
	if (file_read(AT_FDCWD, BOOT_ID, 0, &b, NULL) == 0 && b.used < STATUS_BOOT_ID_BYTES) {
		memcpy(out, b.data, b.used + 1);
		out[strcspn(out, "\n")] = '\0';
	}
	buf_release(&b);
}

void status_read_boot_id(const struct buf *text, char out[STATUS_BOOT_ID_BYTES])
{
	const char *at = text->used ? strstr(text->data, BOOT_ID_KEY) : NULL;
	size_t n;

	out[0] = '\0';
	if (!at)
		return;
	at += strlen(BOOT_ID_KEY);
	n = strcspn(at, "\"\n");
	if (n >= STATUS_BOOT_ID_BYTES)
		return;
	memcpy(out, at, n);
	out[n] = '\0';
}
