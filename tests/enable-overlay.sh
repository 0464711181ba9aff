#!/bin/bash
# A program with two links in a lower layer of overlayfs, as in a container's image, is enabled at once, and disabled.
. "$(dirname "$0")/system.sh"
[ "$(id -u)" = 0 ] || skip "needs root"
short_shim
mkdir -p lower layers
plain lower/tool <<<'int main(void) { return 5; }'
ln lower/tool lower/other
cat >inside <<'S'
mount -t tmpfs none layers && mkdir layers/up layers/work layers/all &&
	mount -t overlay none -o lowerdir=lower,upperdir=layers/up,workdir=layers/work layers/all || exit 77
"$1" --store "$2" enable --interpreter "$3" layers/all/tool || exit 1
cmp -s lower/tool layers/all/tool && exit 2
"$1" --store "$2" disable layers/all/tool && cmp lower/tool layers/all/tool
S
got=0
unshare -m --propagation private bash inside "$MATR" "$STORE" "$SHIM" >out 2>&1 || got=$?
[ $got != 77 ] || skip "no overlayfs"
[ $got = 0 ] || fail "status $got: $(cat out)"
