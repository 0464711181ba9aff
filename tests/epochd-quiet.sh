#!/bin/bash
# epochd: texts, scripts, byte code and manual pages leave the epoch alone.
. "$(dirname "$0")/epochd.sh"
a_store
mkdir -p bin/share/man bin/__pycache__
for how in '' --inotify; do
	daemon --debounce 100 $how
	until_true state epoch
	before=$(status .since)
	for file in bin/share/man/x.so bin/__pycache__/libx.so bin/x.py bin/notes.txt bin/script bin/data; do
		echo '#!/bin/sh' >$file
		mv $file $file.tmp && mv $file.tmp $file && chmod 755 $file && rm $file
	done
	rm -f bin/gone
	sleep 0.5
	[ "$(status .since)" = "$before" ] || { cat log >&2; fail "$how: something has happened"; }
	daemon_ends
done
