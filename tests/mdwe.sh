#!/bin/bash
# PR_SET_MDWE (MemoryDenyWriteExecute): the fast path never gains execution.
. "$(dirname "$0")/system.sh"
fixture
tool mdwe
./mdwe /bin/true || skip "no PR_SET_MDWE in this kernel"
fast ./mdwe ./main <main.expected
