#!/bin/bash
# A tunable outside glibc.malloc., glibc.pthread. and glibc.mem.tagging takes the stock path.
. "$(dirname "$0")/system.sh"
fixture
fast GLIBC_TUNABLES=glibc.malloc.tcache_count=0 ./main <main.expected
for t in glibc.rtld.nns=3 glibc.rtld.optional_static_tls=1024 glibc.cpu.x86_shstk=off \
	glibc.cpu.hwcaps=-AVX2 glibc.mem.decorate_maps=1 glibc.elision.enable=0 \
	glibc.malloc.check=0:glibc.rtld.nns=3 glibc.rtld.nns=3:glibc.malloc.check=0 \
	glibc.cpu.plt_rewrite=1; do
	falls tunable "GLIBC_TUNABLES=$t" ./main <main.expected
done
