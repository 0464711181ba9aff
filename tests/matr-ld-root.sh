#!/bin/bash
# matr-ld --root: every path, also absolute links, is read inside the root.
. "$(dirname "$0")/lib.sh"
[ -z "${STOCK-}" ] || exit 0

mkdir -p root/lib64 root/usr/lib/x86_64-linux-gnu root/opt/real root/bin
ln -s usr/lib root/lib
cp /lib64/ld-linux-x86-64.so.2 root/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
ln -s /lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 root/lib64/ld-linux-x86-64.so.2
cp "$(gcc -print-file-name=libc.so.6)" root/usr/lib/x86_64-linux-gnu/libc.so.6
RPATH='' lib root/opt/real/liba.so <<<'int a(void) { return 1; }'
ln -s /opt/real root/opt/link
RPATH=/opt/link prog root/bin/p root/opt/real/liba.so <<<'int a(void); int main(void) { return a(); }'
mv root/bin/p.stock root/bin/p
"$BUILD/matr-ld" --root root /bin/p >out 2>&1 || { cat out >&2; fail "matr-ld failed"; }
grep -q '/opt/.*/liba.so' out || { cat out >&2; fail "liba.so is not told"; }
grep -q "$FOLDER/root" out && { cat out >&2; fail "the root is part of a path"; }
"$BUILD/matr-ld" --json --root root /bin/p >out.json
grep -q '"schema": *1' out.json || fail "no schema in the JSON"
rm root/opt/link
"$BUILD/matr-ld" --json --root root /bin/p >out.json || true
grep -q 'library-missing' out.json || fail "the library is still found"
