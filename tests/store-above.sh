#!/bin/bash
# For root every folder above LD_MATR_STORE must be root's and closed to writers, sticky ones aside; no links.
. "$(dirname "$0")/system.sh"
needs_root
public_shim
fixture
mkdir -m 755 a a/b
STORE=$FOLDER/a/b/store
ordinary=(setpriv --reuid=1234 --regid=1234 --clear-groups)
fast ./main <main.expected
chown 1234 a
falls store-untrusted ./main <main.expected
fast "${ordinary[@]}" ./main <main.expected
chown 0 a
chmod 0777 a
falls store-untrusted ./main <main.expected
chmod 1777 a
fast ./main <main.expected
chmod 0775 a/b
falls store-untrusted ./main <main.expected
chmod 755 a a/b
chmod 0777 a/b/store
falls store-untrusted ./main <main.expected
chmod 755 a/b/store
fast ./main <main.expected
ln -s a/b link
real=$STORE
STORE=$FOLDER/link/store
falls store-untrusted ./main <main.expected
cd a # relative: depends on where one stands
STORE=b/store
EPOCH=begun
falls store-untrusted ../main <../main.expected
STORE=$real
cd ..
fast ./main <main.expected
