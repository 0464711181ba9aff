#!/bin/bash
# matr time: exit codes; programs that end badly, that do not start, that do not end; nothing of them stays.
. "$(dirname "$0")/system.sh"
needs_root
unshare -m true 2>/dev/null || skip "no mount namespaces"
run_status 2 matr time
run_status 2 matr time --rounds 0 ./x
run_status 2 matr time --rounds many ./x
run_status 2 matr time --until noon ./x
run_status 2 matr time --nonsense ./x
has --nonsense err
run_status 1 matr time ./nowhere
has nowhere err
lib libone.so <<<'int one(void) { return 1; }'
plain three <<<'int main(void) { return 3; }'
plain dies <<<'#include <stdlib.h>
int main(void) { abort(); }'
plain early <<<'#include <stdlib.h>
__attribute__((constructor)) static void made(void) { _Exit(5); } int main(void) { return 0; }'
plain stays <<<'#include <unistd.h>
int main(void) { for (;;) pause(); }'
plain needy libone.so <<<'extern int one(void); int main(void) { return one(); }'
epoch ./three
run_status 0 matr time --until exit --rounds 1 ./three
has 'it ends with status 3' out
run_status 0 matr time --until exit --rounds 1 ./dies
has 'is killed by signal 6' out
run_status 0 matr time --rounds 1 ./stays
run_status 1 matr time --until exit --timeout 1 --rounds 1 ./stays
has 'does not come so far within 1 s' err
run_status 0 matr time --rounds 1 ./early # it has an entry; its initialiser comes later
rm libone.so
run_status 1 matr time --rounds 1 ./needy
has 'ends with status 127: ' err
has libone.so err
printf '#!/usr/bin/env needy\n' >script
chmod +x script
PATH=$FOLDER:$PATH run_status 1 matr time ./script
has 'matr time needy ./script' err
pgrep -f "$FOLDER/(stays|three)" >left || true
expect left </dev/null
