#!/bin/bash
# matr-image(5) has every member of image/format.h, at its offset and with its size.
. "$(dirname "$0")/lib.sh"
awk '
/^struct matr_[a-z_]* \{/ { print "#undef S\n#define S struct " $2; next }
/^\};/ { print "#undef S" }
/^\t(u?int[0-9]*_t|struct matr_[a-z_]*) / {
	line = $0
	sub(/\/\*.*/, "", line)
	sub(/^\t(struct )?[a-z_0-9]* /, "", line)
	count = split(line, names, /[,;]/)
	for (i = 1; i < count; i++) {
		sub(/\[.*/, "", names[i])
		gsub(/ /, "", names[i])
		print "row(S, " names[i] ")"
	}
}' "$TOP/image/format.h" >rows
cat >offsets.c <<'EOF2'
#include "image/format.h"
#include <stdio.h>
#define row(s, m) printf("%zu %zu %s\n", offsetof(s, m), sizeof(((s *)0)->m), #m);
int main(void)
{
#include "rows"
}
EOF2
gcc -w -I"$TOP" -I. -o offsets offsets.c
./offsets | sort -u >members
[ "$(wc -l <members)" -gt 60 ] || fail "format.h is not as it was"
sed -n 's/^\.It \([0-9]*\) Ta \([0-9]*\) Ta \([a-z_0-9]*\) Ta .*/\1 \2 \3/p' "$TOP/man/matr-image.5" |
	sort -u >told
same members members told
