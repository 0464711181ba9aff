#!/bin/bash
# A shim where the loader's name is: the shim and the tools pass it over and find the loader elsewhere, or say that there is none.
. "$(dirname "$0")/system.sh"
private_mounts
[ -z "${STOCK-}" ] || skip "there is no shim"
public_shim
fixture
root=$FOLDER/root
link=/lib64/ld-linux-x86-64.so.2
copy() { local f; for f; do mkdir -p "$root$(dirname "$f")"; cp -Lp "$f" "$root$f"; done; }
copy "$FOLDER"/main{,.stock} "$SHIM" "$FOLDER"/lib{one,two}.so $link
copy "$(ldd main.stock | sed -n 's/.*libc\.so\.6 => \([^ ]*\).*/\1/p')"
mkdir -p "$root/lib/x86_64-linux-gnu" "$root$STORE"
inside() { chroot "$root" "$FOLDER/$1"; }
mv "$root$link" loader
run_status 127 inside main
has 'cannot map the installed loader' err
run_status 1 matr epoch begin --root "$root" "$FOLDER/main"
has "there is no loader" err
cp "$SHIM" "$root$link"
for at in /lib64/matr-stock-loader /lib/x86_64-linux-gnu/ld-linux-x86-64.so.2; do
	cp loader "$root$at"
	for program in main main.stock; do
		run_status 0 inside $program
		expect out <main.expected
	done
	run_status 0 chroot "$root" $link --verify "$FOLDER/main.stock"
	run_status 0 "$MATR" --store "$root$STORE" --json epoch begin --root "$root" --all "$FOLDER"/main{,.stock}
	has "\"loader\": \"$at\"" out
	for program in main main.stock; do
		run_status 0 env LD_MATR_REQUIRE=1 LD_MATR_STORE="$STORE" chroot "$root" "$FOLDER/$program"
		expect out <main.expected
	done
	rm "$root$at"
done
