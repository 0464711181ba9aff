#!/bin/bash
# libc parts that dlopen on their own: iconv modules, NSS and getaddrinfo of a numeric address.
. "$(dirname "$0")/lib.sh"

prog p <<'E'
#include <iconv.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
int main(void)
{
	char in[] = "\xe4", out[8] = "", *i = in, *o = out;
	size_t left = 1, room = 8;
	iconv_t c = iconv_open("UTF-8", "ISO-8859-15");
	struct addrinfo *a, hint = { .ai_flags = AI_NUMERICHOST };
	if (c == (iconv_t)-1 || iconv(c, &i, &left, &o, &room))
		perror("iconv");
	printf("%x %x\n", (unsigned char)out[0], (unsigned char)out[1]);
	printf("%s\n", getpwuid(0)->pw_name);
	printf("%d\n", getaddrinfo("127.0.0.1", NULL, &hint, &a));
	return 0;
}
E
both ./p <<'E'
c3 a4
root
0
E
