#!/bin/bash
# A daemon whose store is taken away ends, and says so: it would keep nothing up to date.
. "$(dirname "$0")/epochd.sh"
gone() {
	until_true eval '! kill -0 "$DAEMON" 2>/dev/null'
	wait "$DAEMON" && fail "a success"
	has 'was taken away' log
	: >log
}
a_store
daemon
until_true state epoch
mv store elsewhere
gone
mkdir store
matr epoch roots add bin
daemon
until_true state epoch
until_true no_children
until_true rm -rf store
gone
