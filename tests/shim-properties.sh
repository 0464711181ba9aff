#!/bin/bash
# The shim: no undefined symbol, no relocation, no library, nothing writable and executable, small, no name of the loader.
. "$(dirname "$0")/system.sh"
readelf -W -l -d -r --dyn-syms "$SHIM" >elf
lacks ' UND _' elf
[ "$(sed -n '/Symbol table .\.dynsym/,$p' elf | grep -c ' UND ')" -le 1 ] || { cat elf >&2; fail "an undefined symbol"; }
has 'There are no relocations in this file' elf
lacks '(NEEDED)' elf
lacks '(TEXTREL)' elf
lacks 'INTERP' elf
lacks 'ld-linux' elf
grep -qE 'LOAD .* RWE ' elf && fail "writable and executable"
grep -E 'GNU_STACK' elf | grep -q 'RW  *0x' || fail "no plain GNU_STACK"
grep -qE 'FUNC +GLOBAL +DEFAULT .* _dl_debug_state' elf || fail "no _dl_debug_state for gdb"
objcopy --strip-debug "$SHIM" stripped
[ "$(stat -c %s stripped)" -lt 30720 ] || fail "$(stat -c %s stripped) bytes"
nm -u "$SHIM" >undefined
expect undefined </dev/null
# It tells gdb and ldconfig no wrong name.
readelf -W -d "$SHIM" | grep SONAME >name || true
[ ! -s name ] || has 'ld-matr.so.1' name
# Its mark (image/loader_path.h): it looks first where every program looks.
has 0x4d745200 <(readelf -h "$SHIM")
