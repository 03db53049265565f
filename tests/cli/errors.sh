#!/bin/sh
# SPDX-License-Identifier: MIT
# Bad input: one clear line, its exit code, and nothing lost.
. "$(dirname "$0")/lib.sh"
WRONG=999999
export WRONG

# No card.
no 3 "" info
no 3 "" sign --pin env:PIN "$SOURCE/LICENSE"

# Wrong PIN, then blocked. A right one in between restores the tries.
ok card new alice --pin env:PIN --admin-key-out alice.key
ok container create k --pin env:PIN --type rsa:1024
no 4 "wrong PIN, 2 tries left" pin verify --pin env:WRONG
no 4 "wrong PIN, 1 try left" sign --pin env:WRONG -o sig "$SOURCE/LICENSE"
must "no output file" test ! -e sig
ok pin verify --pin env:PIN
no 4 "2 tries left" pin verify --pin env:WRONG
no 4 "1 try left" file write x "$SOURCE/LICENSE" --pin env:WRONG
no 4 "no try left|blocked" pin verify --pin env:WRONG
no 4 "blocked" pin verify --pin env:PIN
no 4 "blocked" sign --pin env:PIN "$SOURCE/LICENSE" -o sig
ok container list
said ' k '
ok card remove alice --yes

# Not there.
ok card new bob --pin env:PIN -q
no 5 "container k" sign --container k --pin env:PIN -o sig "$SOURCE/LICENSE"
no 5 "no default container" sign --pin env:PIN -o sig "$SOURCE/LICENSE"
no 5 "container k" container delete k --pin env:PIN
no 5 "container k" container public-key k
no 5 "container k" cert read k
no 5 "file nofile" file read nofile
no 5 "file nofile" file rm nofile --pin env:PIN
no 5 "file nodir/nofile" file read nodir/nofile
no 2 "DIRECTORY/NAME" file read a/b/c
no 2 "DIRECTORY/NAME" file read verylongname
no 1 "nowhere: No such file" sign --pin env:PIN -o sig nowhere
no 1 "nowhere: No such file" file write x nowhere --pin env:PIN
no 1 "is no X.509 certificate" cert write k "$SOURCE/LICENSE" --pin env:PIN
no 3 "reader" info --reader nobody

# Things that do not fit the key.
ok container create k --pin env:PIN --type rsa:1024
no 5 "no certificate" cert read k
no 5 "signature key" container public-key k --signature
no 1 "k" container create k --pin env:PIN --type rsa:1024
no 2 "steps of" container create l --pin env:PIN --type rsa:1000
no 1 "must have 128" decrypt --pin env:PIN "$SOURCE/VERSION"
head -c 128 /dev/zero | tr '\0' 'a' >garbage
no 1 "" decrypt --pin env:PIN garbage -o plain
must "no plain text of garbage" test ! -e plain
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null \
    -out other.pem -subj /CN=other -days 1 2>/dev/null
no 1 "not for the key of container k" cert write k other.pem --pin env:PIN
no 5 "no certificate" cert read k

# Removed card.
ok card eject bob
no 3 "" pin verify --pin env:PIN
no 3 "" container list
ok card insert bob
ok container list
said ' k '

# Damaged image: told by every way to the card, and the others are not touched.
ok card eject bob
cp "$CARDMINT_HOME/cards/bob.card" good
head -c 4096 /dev/urandom >"$CARDMINT_HOME/cards/bob.card"
no 8 "card bob: .*damaged|card bob" card info bob
no 8 "card bob" card insert bob
cp good "$CARDMINT_HOME/cards/bob.card"
ok card insert bob
rm -f "$CARDMINT_HOME"/cards/bob.card-*
head -c 4096 /dev/urandom >"$CARDMINT_HOME/cards/bob.card"
no 8 "card bob" info
cp good "$CARDMINT_HOME/cards/bob.card"
ok card eject bob
ok card insert bob
ok info

# An empty card, as from the factory, is one line and no crash.
ok card eject bob
ok card new raw --blank
ok card remove raw --yes
ok card insert bob

# Wrong module, wrong PC/SC library, version nobody has.
no 9 "/nowhere.so" info --module /nowhere.so
no 9 "" info --module "$SOURCE/LICENSE"
libc=$(find /lib /lib64 /usr/lib -name libc.so.6 2>/dev/null | head -n 1)
[ -z "$libc" ] || no 9 "" info --module "$libc"
no 9 "/nowhere.so" readers --pcsc /nowhere.so
for version in 4 5 6 7; do
    ok info --card-version $version
    said "interface version +$version"
done
finish
