# shellcheck shell=bash
# tests/epochd.sh - for the cases about the daemon; sources system.sh
#
#	a_store                   ./main (fixture) in bin/, the only root of $STORE
#	daemon [OPTION...]        start epochd on $STORE; its log is ./log, its pid $DAEMON
#	daemon_ends [SIGNAL]      stop it, and wait until it has gone; its status in $STATUS
#	until_true COMMAND...     wait until it succeeds, ten seconds at most, or the case fails
#	state NAME                S/status says so and the daemon is there to mean it
#	children, no_children     of the daemon: builders and removers of old epochs
#	current, no_current       an epoch is current, or none
#	status .KEY               of S/status
#
# Not executable, so it is no case.

. "$(dirname "${BASH_SOURCE[0]}")/system.sh"
needs jq
EPOCHD=$BUILD/epochd
[ -x "$EPOCHD" ] || skip "there is no epochd"
[ -z "${STOCK-}" ] || skip "there is no shim"
DAEMON=

a_store() {
	fixture
	mkdir bin
	cp main bin
	matr epoch roots add bin
}

daemon() {
	"$EPOCHD" --store "$STORE" --debounce 300 --debug "$@" >>log 2>&1 </dev/null &
	DAEMON=$!
	trap 'kill -KILL $DAEMON 2>/dev/null || true; on_exit' EXIT
	until_true server_answers
}

server_answers() {
	kill -0 "$DAEMON" 2>/dev/null || { cat log >&2; fail "epochd has ended"; }
	[ "$(matr epoch status --json 2>/dev/null | jq -r .daemon.pid)" = "$DAEMON" ]
}

daemon_ends() {
	export STATUS=0
	kill "-${1-TERM}" "$DAEMON"
	wait "$DAEMON" 2>/dev/null || STATUS=$?
}

until_true() {
	local i
	for ((i = 0; i < 200; i++)); do
		! "$@" || return 0
		sleep 0.05
	done
	cat log "$STORE/status" >&2 || true
	fail "never came: $*"
}

status() { jq -r "$1" "$STORE/status"; }
state() { [ "$(status .state)" = "$1" ]; }
children() { cat "/proc/$DAEMON/task/$DAEMON/children" 2>/dev/null; }
no_children() { [ -z "$(children)" ]; }
current() { [ -e "$STORE/current" ]; }
no_current() { [ ! -L "$STORE/current" ]; }
