#!/bin/bash
# matr time: a table and JSON with all phases; what the program writes is lost; up to its entry nothing of it runs.
. "$(dirname "$0")/system.sh"
needs_root
needs jq
unshare -m true 2>/dev/null || skip "no mount namespaces"
lib libone.so <<'C'
#include <stdio.h>
__attribute__((constructor)) static void made(void) { fclose(fopen("initialised", "a")); puts("loud"); }
int one(void) { return 1; }
C
plain tool libone.so <<'C'
#include <stdio.h>
extern int one(void);
int main(int argc, char **argv) { fclose(fopen("it-ran", "a")); puts("loud"); return one() + argc - 2; }
C
epoch ./tool
sha256sum tool libone.so >sums
run_status 0 matr time --rounds 2 ./tool
lacks loud out
expect err </dev/null
[ -e initialised ] || fail "no initialiser ran"
[ ! -e it-ran ] || fail "the program ran"
for p in 'PHASE  *LAZY ms  *NOW ms  *MATR ms' 'kernel: exec' shim 'ld.so: relocation' initialisers all; do grep -q "^$p" out || { cat out >&2; fail "no line: $p"; }; done
has 'MatR: epoch 1' out
grep -qE '^speed-up: [0-9.]+x against lazy, [0-9.]+x against now$' out || fail "no speed-up"
run_status 0 matr time --until exit --rounds 2 --json ./tool
[ -e it-ran ] || fail "the program should have run"
jq -e '.schema == 1 and .until == "exit" and .epoch == 1 and .reason == null and .rounds == 2 and .same_end and
	.counts.libraries == 2 and .variants.lazy.end == "exit" and .speed_up.lazy > 0 and .cpuid_nsec > 0' out >/dev/null || { cat out >&2; fail "JSON"; }
jq -e '.variants.matr.phases.shim.calls > 0 and .variants.lazy.phases.shim == null and
	([.variants[] | .phases | .kernel, .loader, .libraries, .relocation, .initialisers, .program, .exit | .nsec > 0 or . != null] | all) and
	([.variants[] | .phases.program.minor_faults > 0] | all)' out >/dev/null || { cat out >&2; fail "phases"; }
run_status 0 matr --json time --until exit --rounds 1 --show-output ./tool
jq -e .schema out >/dev/null || fail "its output is mixed with the result"
has loud err
sha256sum --quiet -c sums
