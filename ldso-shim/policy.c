/*
 * policy.c - may the fast path be taken at all?
 *
 * Environment: reads strings of the initial stack, decides, changes nothing.
 * Everything that could change what ld.so binds takes the stock path; the
 * exceptions are a short list of names, never a pattern.
 */
#include "ldso-shim/shim.h"

/* True where `name` is followed by '=' and a value that is not empty; *value gets it. */
static int variable(const char *s, const char *name, const char **value)
{
	size_t n = text_length(name);

	if (!text_starts(s, name) || s[n] != '=')
		return 0;
	*value = s + n + 1;
	return 1;
}

/* Tunables that cannot change what is mapped or bound; NAME=VALUE[:NAME=VALUE]... */
static int tunables_harmless(const char *s)
{
	while (*s) {
		if (!text_starts(s, "glibc.malloc.") && !text_starts(s, "glibc.pthread.") &&
		    !text_starts(s, "glibc.mem.tagging="))
			return 0;
		while (*s && *s != ':')
			s++;
		while (*s == ':')
			s++;
	}
	return 1;
}

static void read_matr_variable(struct policy *out, const char *s)
{
	const char *value;

	if (variable(s, "LD_MATR_STORE", &value))
		out->store = *value ? value : NULL;
	else if (variable(s, "LD_MATR_DEBUG", &value))
		out->debug = *value != 0;
	else if (variable(s, "LD_MATR_REQUIRE", &value))
		out->require = *value != 0;
	else if (variable(s, "LD_MATR_DISABLE", &value) && *value)
		out->reason = REASON_DISABLED;
}

/*
 * ld.so before 2.39 puts a copy, made in its own memory, in place of the
 * pointer on the stack: a restart puts the pointer back, and knows of one.
 */
static enum reason read_tunables(struct policy *out, char **at, const char *value)
{
	if (out->tunables || !tunables_harmless(value))
		return REASON_TUNABLE;
	out->tunables = at;
	out->tunables_text = *at;
	out->tunables_bytes = text_length(*at);
	return REASON_NONE;
}

void policy_read(struct policy *out, const struct process *p)
{
	for (char **e = p->envp; *e; e++) {
		const char *s = *e, *value;

		if (s[0] == 'G' && variable(s, "GLIBC_TUNABLES", &value)) {
			enum reason reason = read_tunables(out, e, value);

			if (!out->reason)
				out->reason = reason;
		} else if (s[0] != 'L' || s[1] != 'D' || s[2] != '_') {
			continue;
		} else if (text_starts(s, "LD_MATR_")) {
			read_matr_variable(out, s);
		} else if (variable(s, "LD_BIND_NOW", &value)) {
			out->bind_now = *value != 0;
		} else if (!out->reason) {
			out->reason = REASON_LD_VARIABLE;
		}
	}
	if (p->secure)
		out->reason = REASON_AT_SECURE;
	if (p->secure || p->uid != p->euid)
		out->store = NULL;
}
