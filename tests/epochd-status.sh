#!/bin/bash
# epochd: S/status is JSON that anyone can read, in every state; the service manager is told.
. "$(dirname "$0")/epochd.sh"
needs python3
a_store
cat >listen.py <<'P'
import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("notify")
print("bound", flush=True)
while True: print(s.recv(4096).decode(), flush=True)
P
python3 listen.py >told &
listener=$!
trap 'kill $listener; on_exit' EXIT
until_true grep -q bound told
NOTIFY_SOCKET=$FOLDER/notify daemon
trap 'kill $listener; kill -9 $DAEMON 2>/dev/null || true; on_exit' EXIT
until_true state epoch
until_true grep -q READY=1 told
until_true grep -q 'STATUS=epoch: ' told
[ "$(stat -c %a store/status)" = "$([ "$(id -u)" = 0 ] && echo 644 || echo 600)" ] || fail "mode of S/status"
jq -e --arg pid $DAEMON --arg boot "$(cat /proc/sys/kernel/random/boot_id)" '.schema == 1 and .epoch == 1 and
	.pid == ($pid | tonumber) and .boot_id == $boot and .last.result == "built" and .last.took > 0 and
	.packages == null and (.since / 1e9 | . > now - 100 and . < now + 1)' store/status >/dev/null ||
	{ cat store/status >&2; fail "S/status"; }
matr epoch status --json | jq -e '.state == "epoch" and .daemon.state == "epoch" and .daemon.builds == 1' >/dev/null ||
	fail "matr epoch status --json"
matr epoch end
jq -e '.state == "management" and .epoch == null' store/status >/dev/null || { cat store/status >&2; fail "S/status"; }
daemon_ends
until_true grep -q STOPPING=1 told
jq -e '.pid == null' store/status >/dev/null || fail "S/status after the end"
matr epoch status --json | jq -e '.daemon == null' >/dev/null || fail "there is no daemon"
