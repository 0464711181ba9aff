#!/bin/bash
# epochd: while a process holds dpkg's lock no epoch is current; one begins at once when it lets go, or is killed.
. "$(dirname "$0")/epochd.sh"
private_mounts
a_store
mkdir -p dpkg/updates
touch dpkg/lock dpkg/lock-frontend dpkg/status
mount --bind dpkg /var/lib/dpkg
cat >hold.py <<'P'
import fcntl, os, sys
fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.lockf(fd, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
P
needs python3
hold() {
	coproc HOLD { exec python3 hold.py "$1"; }
	read -r -u "${HOLD[0]}" _
}
daemon --debounce 60000 # quiet is not what ends it
until_true state epoch
EPOCH=begun
fast ./bin/main <main.expected
for end in close kill; do
	hold /var/lib/dpkg/lock
	until_true no_current
	state management || fail "$(status .state)"
	[ "$(status .packages)" = dpkg ] || fail "packages: $(status .packages)"
	falls no-epoch ./bin/main <main.expected
	touch bin/main # it is dpkg's affair, whenever it is quiet
	run_status 1 matr epoch begin
	has 'package manager' err
	if [ $end = kill ]; then kill -9 "$HOLD_PID"; else eval "exec ${HOLD[1]}>&-"; fi
	until_true state epoch
	current || fail "none is current"
	fast ./bin/main <main.expected
done
rm dpkg/lock # a new file is a new lock
hold /var/lib/dpkg/lock
until_true state management
kill "$HOLD_PID"
until_true state epoch
