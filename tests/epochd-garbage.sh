#!/bin/bash
# epochd: clients that send nonsense, nothing, too much, or come in numbers neither block nor end it; strangers may only look.
. "$(dirname "$0")/epochd.sh"
needs python3
a_store
daemon
until_true state epoch
cat >client.py <<'P'
import array, os, random, socket, struct, sys
def connect():
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.settimeout(8)
    s.connect("store/epochd.sock")
    return s
def ask(*packet, fds=()):
    s = connect()
    try:
        s.sendmsg(packet, [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else [])
        return s.recv(70000)
    except OSError as e:
        return b""
head = lambda kind, count=0, magic=0x5254414d, version=1: struct.pack("<4I", magic, version, kind, count)
if os.getuid() == 0 and len(sys.argv) > 1:
    os.setgid(65534); os.setuid(65534)
    for kind in range(1, 6):
        answer = ask(head(kind))
        assert b"only root" in answer, (kind, answer)
    assert b'"state"' in ask(head(0))
else:
    random.seed(1)
    for i in range(300):
        ask(random.randbytes(random.randrange(200)))
    for packet in head(99), head(0, 7), head(1, 4000000000), head(0, magic=1), head(0, version=9), head(1, 1) + b"x" * 60000, b"", head(1, 2) + b"\0\0":
        ask(packet)
    ask(head(0) + b"y" * 100000)
    ask(head(1, 2) + b"\0\0", fds=[0] * 2)
    ask(head(0), fds=[0] * 200)
held = [connect() for _ in range(16)]
for s in held[:8]: s.send(b"M")
more = []
try:
    for _ in range(60): more.append(connect())
except OSError: pass
print("ready", flush=True)
sys.stdin.read()
P
descriptors() { find "/proc/$DAEMON/fd" -type l | wc -l; }
until_true no_children
before=$(descriptors)
as_before() { [ "$(descriptors)" = "$before" ]; }
python3 client.py </dev/null >out || fail "see above"
until_true as_before
chmod 755 .
coproc CLIENTS { exec python3 client.py stranger; }
read -r -u "${CLIENTS[0]}" word || fail "the stranger was let in"
[ "$word" = ready ] || fail "$word"
run_status 0 matr epoch status # while strangers hold what places they get
has "process $DAEMON" out
run_status 0 matr epoch end
kill "$CLIENTS_PID"
until_true as_before
