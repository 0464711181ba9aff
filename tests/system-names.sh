#!/bin/bash
# In system mode a program on the fast path sees the loader under the name that it has without MatR.
. "$(dirname "$0")/system.sh"
needs_root
[ -z "${STOCK-}" ] || skip "there is no matr"
small_root link true sh cat ls env
cat >names.c <<'C'
#define _GNU_SOURCE
#include <link.h>
#include <stdio.h>
static int tell(struct dl_phdr_info *info, size_t bytes, void *context)
{
	(void)bytes, (void)context;
	puts(info->dlpi_name);
	return 0;
}
int main(void) { return dl_iterate_phdr(tell, NULL); }
C
gcc names.c -o "$ROOT/usr/bin/names"
inside /bin/names >without
run_status 0 matr system enable --root "$ROOT"
inside /bin/names >stock
same "on the stock path" without stock
"$MATR" --store "$ROOT/var/lib/matr" -q epoch begin --local --root "$ROOT" --all /usr/bin
inside env LD_MATR_REQUIRE=1 /bin/names >fast
same "on the fast path" without fast
