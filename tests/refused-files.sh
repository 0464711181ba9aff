#!/bin/bash
# Files that are no program of this system have no image, each for its reason; an epoch passes over them.
. "$(dirname "$0")/system.sh"
needs patchelf
plain good <<<'int main(void) { return 0; }'
yes text | head -c 1000 >text || true
chmod +x text
echo hi >short && chmod +x short
head -c 200 good >cut && chmod +x cut
echo 'int main(void) { return 0; }' | gcc -static -x c - -o static
lib libone.so <<<'int one(void) { return 1; }'
cp good machine && printf '\267\0' | dd of=machine bs=1 seek=18 conv=notrunc status=none
cp good class && printf '\1' | dd of=class bs=1 seek=4 conv=notrunc status=none
cp good other && patchelf --set-interpreter /lib/ld-musl-x86_64.so.1 other
cp good setid && chmod u+s setid
epoch good short text cut static libone.so machine class other setid
EPOCH=begun
refused not-elf ./text
refused not-elf ./short
refused malformed ./cut
refused static ./static
refused not-program ./libone.so
refused other-machine ./machine
refused other-machine ./class
refused other-interpreter ./other
refused set-id ./setid
matr epoch list >list
has 1 list
[ "$(find "$STORE/current/prog/" -type f | wc -l)" = 1 ] || fail "not just one image"
