#!/bin/bash
# epochd without the right to fanotify: folders are watched one by one, new ones too; a clear word when watches run out.
. "$(dirname "$0")/epochd.sh"
a_store
mkdir -p bin/a/b bin/share/doc/x
daemon --inotify
until_true state epoch
[ "$(status .watch.how)" = inotify ] || fail "$(status .watch.how)"
[ "$(status .watch.folders)" = 4 ] || fail "$(status .watch.folders) folders instead of bin, a, b, share"
for file in bin/a/b/new bin/c/d/new bin/moved/new bin/a/b/libx.so.1; do
	mkdir -p "${file%/*}" away
	before=$(status .epoch)
	case $file in
	*moved*) cp main away/new && rm -r bin/moved && mv away bin/moved ;;
	*.so*) ln -s nowhere "$file" ;;
	*) cp main "$file" ;;
	esac
	until_true grep -qF "changed: $FOLDER/$file" log
	until_true state epoch
	case $file in *.so*) ;; *) [ "$(status .epoch)" -gt "$before" ] || fail "$file: no new epoch" ;; esac
done
daemon_ends
[ "$(id -u)" = 0 ] && unshare -U true 2>/dev/null || exit 0
# A user's own limit, in a user namespace whose root is that user: neither fanotify nor watches.
mkdir -p bin/many/{1,2,3,4,5,6,7,8,9}
chmod -R a+rX . && chown -R 1234:1234 bin store main
public_shim
cat >limited <<'S'
echo 12 >/proc/sys/fs/inotify/max_inotify_watches 2>/dev/null || echo 12 >/proc/sys/user/max_inotify_watches || exit 77
exec "$@"
S
chmod 755 "$FOLDER"
setpriv --reuid=1234 --regid=1234 --clear-groups --inh-caps=-all unshare -U -r sh ./limited true 2>/dev/null || exit 0
setpriv --reuid=1234 --regid=1234 --clear-groups --inh-caps=-all unshare -U -r sh ./limited timeout 5 "$EPOCHD" --store "$STORE" >limited.log 2>&1 || true
has 'inotify watches have run out' limited.log
has 'fs.inotify.max_user_watches' limited.log
