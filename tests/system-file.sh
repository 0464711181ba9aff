#!/bin/bash
# To link editors, ldconfig and readelf the file in the loader's place is the loader: same output, same words.
. "$(dirname "$0")/system.sh"
needs_root
[ -z "${STOCK-}" ] || skip "there is no matr"
small_root link true
matr -q system enable --root "$ROOT"
real=$ROOT/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
for f in "$real" "$LINK"; do
	readelf -SW "$f" | awk '!/Section Headers|There are/ {print $2, $3, $4}' >sections
	readelf -dnVW --dyn-syms "$f" | sed 's/offset 0x[0-9a-f]*/offset/' >words
	tail -n +1 sections words >"$(basename "$(dirname "$f")").txt"
done
grep -v '^\[' lib64.txt >b
grep -v '^\[' x86_64-linux-gnu.txt >a
same "what readelf shows" a b
has 'SONAME' a
cat >tls.c <<'C'
extern __thread int x;
extern void *__libc_stack_end;
int get(void) { return ++x; }
void *end(void) { return __libc_stack_end; }
C
for ld in bfd gold lld mold; do
	command -v ld.$ld >/dev/null || continue
	for f in "$real" "$LINK"; do
		mkdir -p in
		cp "$f" in/ld-linux-x86-64.so.2
		gcc -fuse-ld=$ld -O1 -fPIC -ftls-model=global-dynamic -shared -nostdlib tls.c in/ld-linux-x86-64.so.2 -o out -Wl,-soname,out && mv out "out.${#f}" ||
			fail "$ld does not link"
	done
	cmp "out.${#real}" "out.${#LINK}" || fail "$ld: another library"
	readelf -d "out.${#LINK}" | grep -q 'NEEDED.*ld-linux-x86-64.so.2' || fail "$ld: not needed"
done
ldconfig -r "$ROOT" -p | sort >cache.on
matr -q system disable --root "$ROOT"
ldconfig -r "$ROOT"
ldconfig -r "$ROOT" -p | sort >cache.off
same "ldconfig's cache" cache.off cache.on
