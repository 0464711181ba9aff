#!/bin/bash
# Who may include whom: the table of the design.
. "$(dirname "$0")/system.sh"
cd "$TOP"
while read -r folder allowed; do
	[ -d "$folder" ] || continue
	grep -HnoE '^ *# *include "[^"]+"' -r "$folder" --include='*.[chS]' --include='*.def' | sed 's/ *# *include *//' |
		while IFS=: read -r file line header; do
			header=${header//\"/}
			case " $folder $allowed " in
			*" ${header%%/*} "*) ;;
			*) echo "$file:$line: $folder must not include $header" ;;
			esac
			[ -e "$header" ] || echo "$file:$line: $header is not named from the root"
		done
done >"$FOLDER/wrong" <<'T'
common
image
matr-ld common image
cache common image
epochd common image matr-ld cache
inspect common image cache
matr common image matr-ld cache epochd inspect
ldso-shim image
workloads
T
grep -rnE '# *include *<lmdb\.h>' --include='*.[ch]' . | grep -v '^\./cache/' >>"$FOLDER/wrong" || true
grep -rnE '# *include *<(sqlite3|dwarf|libdwarf)[./]' --include='*.[ch]' . | grep -v '^\./inspect/' >>"$FOLDER/wrong" || true
grep -rnE '# *include *<' image ldso-shim | grep -vE '<(elf|stddef|stdint|stdarg|xxhash|limits|link|asm/[a-z_0-9]+|linux/[a-z_0-9]+|sys/syscall|sys/mman|fcntl|errno|cpuid)\.h>' >>"$FOLDER/wrong" || true
[ -d image ] && [ -d common ] || fail "where is the tree?"
cd "$FOLDER"
expect wrong </dev/null
