#!/bin/bash
# A root that was sealed from outside: its store holds in copies made by cp, tar and rsync, a local one does not.
. "$(dirname "$0")/portable.sh"
needs_root
needs tar rsync
public_shim
small_root root
seal root
inside root "$FOLDER/main" <main.expected
cp -r --preserve=mode,timestamps root copied
inside copied "$FOLDER/main" <main.expected
mkdir untarred
tar -C root -cf - . | tar -C untarred -xf -
inside untarred "$FOLDER/main" <main.expected
rsync -a --no-owner root/ synced
inside synced "$FOLDER/main" <main.expected
small_root local
seal local --local
inside local "$FOLDER/main" <main.expected
cp -r --preserve=mode,timestamps local local.copied
falls_inside loader-changed local.copied "$FOLDER/main" <main.expected
