#!/bin/bash
# epochd: a builder that fails leads to `failed`, with the reason; it tries again in growing pauses, or with the next change.
. "$(dirname "$0")/epochd.sh"
a_store
printf '#!/bin/bash\necho run >>runs\n[ ! -e broken ] || { echo "matr: no luck today" >&2; exit 1; }\nexec %q "$@"\n' "$MATR" |
	sed "s|runs|$FOLDER/runs|; s|broken|$FOLDER/broken|" >unlucky
chmod +x unlucky
touch broken
daemon --matr "$FOLDER/unlucky"
until_true state failed
[ "$(status .last.reason)" = 'no luck today' ] || fail "$(status .last.reason)"
has 'warning: matr: no luck today' log
has 'next try is in 2 s' log
until_true grep -q 'next try is in 4 s' log
[ "$(wc -l <runs)" = 2 ] || fail "$(wc -l <runs) tries"
cp main bin/other
until_true state management
until_true state failed
rm broken
run_status 0 matr epoch begin
state epoch || fail "$(status .state)"
EPOCH=begun
fast ./bin/other <main.expected
touch broken # what was there before stays where somebody asked for more
run_status 1 matr epoch begin --force
has 'no luck' err
state epoch || fail "$(status .state)"
fast ./bin/other <main.expected
