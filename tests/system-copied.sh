#!/bin/bash
# In system mode the file in the loader's place is a loader wherever it is copied: a jail made of what
# ldd tells, and a bundle with a C library of its own, start while the system's loader is another or none.
. "$(dirname "$0")/system.sh"
needs_root
[ -z "${STOCK-}" ] || skip "there is no matr"
small_root link true sh cat ls env
run_status 0 matr system enable --root "$ROOT"
loader=/lib64/ld-linux-x86-64.so.2

# A jail has the libraries, and of the loader only what programs name.
installed=$ROOT/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
mv "$installed" "$FOLDER/loader"
rm -f "$ROOT/lib64/matr-stock-loader"
run_status 0 chroot "$ROOT" /bin/cat /etc/passwd
has root:x out
run_status 0 chroot "$ROOT" "$loader" /bin/cat /etc/passwd
has root:x out
run_status 0 chroot "$ROOT" "$loader" --verify /bin/cat
run_status 127 chroot "$ROOT" "$loader" /bin/nothing
has 'cannot open shared object' err

# A bundle names its copy by a path of its own: the system's loader, which would end at once, is not asked.
mkdir "$ROOT/bundle"
cp "$ROOT$loader" "$ROOT/bundle/ld.so"
echo '_Noreturn void _start(void) { for (;;) __builtin_trap(); }' |
	gcc -shared -fPIC -nostdlib -Wl,-e,_start -x c - -o "$installed"
run_status 0 chroot "$ROOT" /bundle/ld.so /bin/cat /etc/passwd
has root:x out
cat >main.c <<<'int main(void) { return 42; }'
gcc main.c -o "$ROOT/bundle/main" -Wl,--dynamic-linker=/bundle/ld.so
run_status 42 chroot "$ROOT" /bundle/main
run_status 132 chroot "$ROOT" /bin/cat /etc/passwd # one that names the system's loader does get it
