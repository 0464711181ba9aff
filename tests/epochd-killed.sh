#!/bin/bash
# epochd: kill -9 of the builder and of the daemon at any moment; the next start finds everything, no builder is left.
. "$(dirname "$0")/epochd.sh"
a_store
builder() { [ -n "$(children)" ]; }
no_process() { ! kill -0 "$1" 2>/dev/null; }
# A matr that can be caught at work
printf '#!/bin/bash\nsleep 0.3\nexec %q "$@"\n' "$MATR" >slow
chmod +x slow
daemon --matr "$FOLDER/slow"
EPOCH=begun
until_true builder
kill -9 "$(children | tr -d " ")"
until_true grep -q 'killed by signal 9' log
until_true state epoch # it tries again
fast ./bin/main <main.expected
for n in 1 2 3; do
	cp main bin/other$n
	until_true state building
	until_true builder
	child=$(children)
	daemon_ends KILL
	until_true no_process "$child"
	touch bin/main # while nobody looks
	daemon --matr "$FOLDER/slow"
	until_true state epoch
	fast ./bin/other$n <main.expected
	fast ./bin/main <main.expected
done
cp main bin/last
until_true state building
until_true builder
child=$(children)
daemon_ends TERM
[ "$STATUS" = 0 ] || fail "exit $STATUS"
no_process "$child" || fail "the builder is left"
has 'Terminated' log
