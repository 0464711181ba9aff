/* unit_epochd.c - the daemon's pure parts; prints a status */
#include "epochd/control.h"
#include "epochd/relevant.h"
#include "epochd/status.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int wrong;

#define CLAIM(x)                                                                                   \
	do {                                                                                       \
		if (!(x)) {                                                                        \
			fprintf(stderr, "line %d: not so: %s\n", __LINE__, #x);                    \
			wrong = 1;                                                                 \
		}                                                                                  \
	} while (0)

static void check_names(void)
{
	CLAIM(relevant_name("libc.so.6") == RELEVANT_YES);
	CLAIM(relevant_name("libm-2.31.so") == RELEVANT_YES);
	CLAIM(relevant_name("libx.so.1.dpkg-new") == RELEVANT_YES);
	CLAIM(relevant_name("libx.so;5f3a") == RELEVANT_YES);
	CLAIM(relevant_name("x.sort.so") == RELEVANT_YES);
	CLAIM(relevant_name("bash") == RELEVANT_ASK);
	CLAIM(relevant_name("python3.11") == RELEVANT_ASK);
	CLAIM(relevant_name("a.sort") == RELEVANT_ASK);
	CLAIM(relevant_name("") == RELEVANT_ASK);
	CLAIM(relevant_name("bash.1.gz") == RELEVANT_NO);
	CLAIM(relevant_name("module.cpython-311.pyc") == RELEVANT_NO);
	CLAIM(relevant_folder("/usr/lib/x86_64-linux-gnu"));
	CLAIM(relevant_folder("/"));
	CLAIM(relevant_folder("/opt/doc/lib"));
	CLAIM(relevant_folder("/usr/share/documents"));
	CLAIM(!relevant_folder("/usr/share/doc"));
	CLAIM(!relevant_folder("/usr//share/doc/bash/"));
	CLAIM(!relevant_folder("/usr/local/share/man/man1"));
	CLAIM(!relevant_folder("/usr/lib/python3/__pycache__"));
	CLAIM(!relevant_folder("/usr/include/sys"));
	CLAIM(relevant_content(-1, "/proc/self/exe") == false); /* a link */
	CLAIM(relevant_content(-1, "/dev/null") == false);
	CLAIM(relevant_content(-1, "/nowhere") == false);
}

static const char *const words[] = {"-q", "", "begin", "--all", "/usr/bin"};
#define WORDS (sizeof(words) / sizeof(words[0]))

static void check_request(void)
{
	struct control_request r = {.kind = CONTROL_BEGIN, .arguments = words, .count = WORDS}, got;
	struct buf b = BUF_INIT;
	const char **list = NULL;

	CLAIM(control_encode(&r, &b, NULL) == 0);
	CLAIM(control_decode(b.data, b.used, &got, &list, NULL) == 0);
	CLAIM(got.kind == CONTROL_BEGIN && got.count == WORDS);
	for (size_t i = 0; i < WORDS; i++)
		CLAIM(!strcmp(got.arguments[i], words[i]));
	free(list);
	/* Cut anywhere: refused.  In memory of exactly that size, so that ASan sees a step too far. */
	for (size_t n = 0; n < b.used; n++) {
		char *cut = malloc(n ? n : 1);

		memcpy(cut, b.data, n);
		CLAIM(control_decode(cut, n, &got, &list, NULL) < 0);
		free(cut);
	}
	for (size_t at = 0; at < b.used; at++)
		for (int value = 0; value < 256; value++) {
			char before = b.data[at];

			b.data[at] = (char)value;
			if (control_decode(b.data, b.used, &got, &list, NULL) == 0)
				free(list);
			b.data[at] = before;
		}
	buf_release(&b);
}

static void check_answer(void)
{
	struct control_answer a = {0};
	struct buf b = BUF_INIT;
	char *long_text = calloc(1, CONTROL_MAX_BYTES + 10);

	control_encode_answer(3, "a sentence", &b);
	CLAIM(control_decode_answer(b.data, b.used, &a, NULL) == 0);
	CLAIM(a.status == 3 && !strcmp(a.text.data, "a sentence"));
	for (size_t n = 0; n < 12; n++)
		CLAIM(control_decode_answer(b.data, n, &a, NULL) < 0);
	buf_release(&a.text);
	buf_clear(&b);
	memset(long_text, 'x', CONTROL_MAX_BYTES + 9);
	control_encode_answer(0, long_text, &b);
	CLAIM(b.used == CONTROL_MAX_BYTES);
	buf_release(&b);
	free(long_text);
}

static void check_status(void)
{
	struct status s = {.state = "epoch",
			   .why = "a \"quoted\" \\ wo\x01""d",
			   .watch = {.how = "none"},
			   .boot_id = "12-34"};
	struct buf b = BUF_INIT;
	char id[STATUS_BOOT_ID_BYTES];

	status_write(&s, &b);
	fwrite(b.data, 1, b.used, stdout);
	status_read_boot_id(&b, id);
	CLAIM(!strcmp(id, "12-34"));
	buf_clear(&b);
	buf_puts(&b, "{\"boot_id\": \"");
	for (int i = 0; i < 100; i++)
		buf_puts(&b, "x");
	status_read_boot_id(&b, id);
	CLAIM(!*id);
	buf_release(&b);
	status_read_boot_id(&b, id);
	CLAIM(!*id);
}

int main(void)
{
	check_names();
	check_request();
	check_answer();
	check_status();
	return wrong;
}
