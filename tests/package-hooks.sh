#!/bin/bash
# The hooks of apt and dpkg call matr, and succeed where it fails, hangs up or is gone; dpkg's own stays out of apt's runs and of other roots.
. "$(dirname "$0")/lib.sh"
mkdir bin
sed -n 's/^DPkg::\([A-Za-z]*\)-Invoke { "\(.*\)"; };$/apt \1 \2/p' "$TOP/packaging/apt/90matr" >hooks
sed -n 's/^\([a-z]*\)-invoke=\(.*\)$/dpkg \1 \2/p' "$TOP/packaging/dpkg/matr" >>hooks
sed -i "s|/usr/bin/matr|$FOLDER/bin/matr|g" hooks
# all: each hook, by sh as apt and dpkg do, with the variables given; what matr was called with
all() {
	: >calls
	while read -r who when command; do
		env "$@" sh -c "$command" >out 2>&1 || fail "$who $when: exit $?"
	done <hooks
}
all
printf '#!/bin/sh\necho "$@" >>%s/calls\n' "$FOLDER" >bin/matr
chmod 755 bin/matr
all
expect calls <<'E'
epoch packages begin
epoch packages end
epoch packages begin
epoch packages end
E
all DPKG_FRONTEND_LOCKED=true
[ "$(wc -l <calls)" = 2 ] || fail "dpkg's hooks within apt"
all DPKG_ROOT=/elsewhere
[ "$(wc -l <calls)" = 2 ] || fail "dpkg's hooks for another root"
for end in 'exit 1' 'kill -9 $$' 'kill -1 $$'; do
	printf '#!/bin/sh\n%s\n' "$end" >bin/matr
	all
done
printf 'no program' >bin/matr
all
