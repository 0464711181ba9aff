#!/bin/bash
# A store on a file system that forbids execution: the stock path, and the program runs.
. "$(dirname "$0")/system.sh"
private_mounts
fixture
mkdir "$STORE"
mount -t tmpfs -o mode=755 none "$STORE"
fast ./main <main.expected
# The prepared loader cannot be mapped executable.
mount -o remount,noexec "$STORE"
falls map-failed ./main <main.expected
