#!/bin/bash
# A worker's answer is what the resolver says in process: closure, every binding, every reason.
. "$(dirname "$0")/system.sh"
fixture -Wl,-z,lazy
mkdir closed && RPATH='' lib closed/libthree.so <<<'int three(void) { return 3; }'
RPATH=$FOLDER/closed prog shut closed/libthree.so <<<'int three(void); int main(void) { return three(); }'
RPATH=$FOLDER/closed/none:$FOLDER prog open libone.so <<<'int one(void); int main(void) { return one(); }'
plain setid <<<'int main(void) { return 0; }'
plain private <<<'int main(void) { return 0; }'
chmod 4711 setid && chmod 750 private && chmod 700 closed
programs="./main ./open"
for p in /usr/bin/gdb /usr/bin/git /usr/bin/perl /bin/bash /usr/bin/g++; do
	[ ! -x "$p" ] || programs="$programs $p"
done
# shellcheck disable=SC2086
run_status 0 matr epoch begin --here --all $programs ./shut ./setid ./private
for p in $programs; do
	matr inspect --bindings --json "$p" 2>source | grep -v '"source"' >from-worker
	has 'source: epoch' source
	matr inspect --now --bindings --json "$p" 2>/dev/null | grep -v '"source"' >in-process
	diff from-worker in-process | head -20 >difference
	expect difference </dev/null
done
# What the workers' user may not look at is refused in the words of root's resolver.
[ "$(id -u)" = 0 ] || exit 0
EPOCH=begun
refused untrusted-folder ./shut
has "libthree.so' lies below '$FOLDER/closed'" refused.json
refused not-readable ./private
has "private' has mode 0750" refused.json
refused set-id ./setid
has "setid' has mode 4711" refused.json
