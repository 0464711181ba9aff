#!/bin/bash
# What an epoch remembers of folders: programs that come, change, move and go are seen all the same.
. "$(dirname "$0")/system.sh"
needs jq
fixture
mkdir -p bin/deep bin/empty
cp main bin/deep/first
for r in /usr /usr/local /opt; do matr epoch roots remove $r >/dev/null 2>&1 || true; done
run_status 0 matr epoch roots add "$FOLDER/bin"
programs() { # a number, and whether that was seen at once
	run_status 0 matr --json epoch begin --all
	[ "$(jq .programs out)" = "$1" ] || { cat out >&2; fail "$2: not $1 programs"; }
	sleep 2.1 # what changed just before is looked at in any case
	run_status 0 matr --json epoch begin --all
	[ "$(jq .unchanged out)" = true ] || fail "$2: the next epoch is another one"
}
programs 1 'at first'
cp main.stock bin/empty/second
programs 2 'a new program'
mv bin/empty/second bin/deep/
programs 2 'moved to another folder'
mkdir -p bin/new/folder && cp main.stock bin/new/folder/third
programs 3 'in new folders'
ln bin/deep/first bin/deep/link
programs 3 'a hard link'
echo '#!/bin/sh' >bin/deep/second
programs 2 'a script in its place'
cat main.stock >bin/deep/second
programs 3 'a program in its place'
chmod a-x bin/deep/second
programs 2 'not executable any more'
chmod a+x bin/deep/second
programs 3 'executable again'
rm -r bin/new
programs 2 'folders go'
chmod u+w "$STORE"/epochs/*/scan
for f in "$STORE"/epochs/*/scan; do dd if=/dev/zero of="$f" bs=1 seek=100 count=8 conv=notrunc 2>/dev/null; done
cp main.stock bin/third
programs 3 'with a damaged memory'
