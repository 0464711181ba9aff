#!/bin/bash
# The prepared loader or the pages are gone before a start: the stock path.
. "$(dirname "$0")/system.sh"
fixture
fast ./main <main.expected
mv "$STORE/loader" "$STORE/elsewhere"
falls epoch-incomplete ./main <main.expected
mv "$STORE/elsewhere" "$STORE/loader"
fast ./main <main.expected
mv "$STORE/current/pages" "$STORE/elsewhere"
falls epoch-incomplete ./main <main.expected
mv "$STORE/elsewhere" "$STORE/epochs/$(basename "$(readlink "$STORE/current")")/pages"
fast ./main <main.expected
