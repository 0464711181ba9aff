#!/bin/bash
# A matr.conf that is not understood: file, line and word are named, no epoch is begun, the old one stays.
. "$(dirname "$0")/system.sh"
fixture
fast ./main <main.expected
wrong() {
	printf '# a comment\n%b\n' "$1" >"$STORE/matr.conf"
	run_status 1 matr epoch begin --all --force ./main
	has "$STORE/matr.conf:2: $2" err
	fast ./main <main.expected
}
wrong 'layuot exec /x' "unknown setting 'layuot'"
wrong 'layout' "no layout behind 'layout'"
wrong 'layout exe /x' "a layout is epoch, exec or off, not 'exe'"
wrong 'layout exec' "no path behind 'exec'"
wrong 'layout exec # /x' "no path behind 'exec'"
wrong 'layout off /x usr/y' "a path begins with a slash, not as 'usr/y'"
wrong 'layout off /x\0y' "a NUL byte behind 'layout off /x'"
rm "$STORE/matr.conf"
mkdir "$STORE/matr.conf"
run_status 1 matr epoch begin --all --force ./main
has matr.conf err
rmdir "$STORE/matr.conf"
printf '\r\n  \t# only a comment, no newline at the end' >"$STORE/matr.conf"
run_status 0 matr epoch begin --all --force ./main
run_status 2 matr epoch begin --all --layout random ./main
has 'exec or epoch' err
