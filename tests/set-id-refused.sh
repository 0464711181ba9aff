#!/bin/bash
# Set-id files and files with capabilities get no image.
. "$(dirname "$0")/lib.sh"

prog p <<<'int main(void) { return 4; }'
for mode in 4755 2755; do
	cp p setid
	chmod $mode setid
	[ -n "${STOCK-}" ] || epoch ./setid
	refused set-id ./setid
done
needs setcap
cp p capable
setcap cap_net_raw+ep capable 2>/dev/null || skip "file capabilities cannot be set here"
[ -n "${STOCK-}" ] || epoch ./capable
refused file-capabilities ./capable
