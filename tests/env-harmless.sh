#!/bin/bash
# Variables that only look like the loader's, and the harmless tunables, keep the fast path.
. "$(dirname "$0")/system.sh"
fixture
fast LD=1 LDX_PRELOAD=1 XLD_PRELOAD=1 ld_preload=1 L= ./main <main.expected
fast LD_MATR_ANYTHING=1 ./main <main.expected
fast LD_BIND_NOW=1 ./main <main.expected
fast LD_BIND_NOW= ./main <main.expected
fast GLIBC_TUNABLES= ./main <main.expected
fast GLIBC_TUNABLES=glibc.malloc.arena_max=1 ./main <main.expected
fast GLIBC_TUNABLES=glibc.malloc.perturb=5:glibc.pthread.rseq=0 ./main <main.expected
fast GLIBC_TUNABLES=glibc.mem.tagging=0 ./main <main.expected
fast GLIBC_TUNABLESX=glibc.rtld.nns=2 ./main <main.expected
