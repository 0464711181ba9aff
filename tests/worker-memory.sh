#!/bin/bash
# A file that asks for more memory than a worker may have costs itself, and the rest gets its images.
. "$(dirname "$0")/system.sh"
nm "$MATR" | grep -q __asan_init && skip "no memory limits with a sanitizer"
fixture
plain huge <<<'int main(void) { return 0; }'
# PT_INTERP, the second program header, becomes five gigabytes long.
poke huge 64+56+32 '\x00\x00\x00\x40\x01\x00\x00\x00'
truncate -s 6G huge || skip "no large files"
run_status 0 matr epoch begin --all .
has 'worker-died: the process that resolved it died' out
EPOCH=begun
fast ./main <main.expected
refused worker-died ./huge
has "the process that resolved it ran out of memory" refused.json
# It is not asked again as long as nothing else changes, and may try again when something does.
run_status 0 matr epoch begin --all .
has 'nothing has changed' out
plain other <<<'int main(void) { return 0; }'
truncate -s 0 huge && rm huge && plain huge <<<'int main(void) { return 0; }'
run_status 0 matr epoch begin --all .
lacks worker-died out
