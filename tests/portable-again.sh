#!/bin/bash
# In a copy of a sealed root the next epoch resolves nothing; what looks the same but is not it sees.
. "$(dirname "$0")/portable.sh"
needs_root
needs jq
public_shim
small_root root
seal root
cp -r --preserve=mode,timestamps root copy
again() { "$MATR" --json epoch begin --all --root copy "$FOLDER/main" >again.json; }
again
[ "$(jq -c '[.unchanged, .resolved]' again.json)" = '[true,0]' ] || { cat again.json >&2; fail "the copy is not as it was"; }
inside copy "$FOLDER/main" <main.expected
lib libone.so <<-'C'
	int one_calls;
	int one(void) { return 7 + 0 * one_calls++; }
C
touch -r root"$FOLDER"/libone.so libone.so
[ "$(stat -c %s libone.so)" = "$(stat -c %s root"$FOLDER"/libone.so)" ] || fail "it should have the same size"
cp -p libone.so copy"$FOLDER"/libone.so
sed 's/one 1/one 7/; s/two 2/two 14/' main.expected >main.new
falls_inside library-changed copy "$FOLDER/main" <main.new
again
[ "$(jq -c '[.unchanged, .resolved]' again.json)" = '[false,1]' ] || { cat again.json >&2; fail "the change was not seen"; }
inside copy "$FOLDER/main" <main.new
