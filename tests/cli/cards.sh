#!/bin/sh
# SPDX-License-Identifier: MIT
# The life of software cards: made, listed, inserted, ejected, removed; half a card never stays.
. "$(dirname "$0")/lib.sh"

ok card list
said 'card new'
ok card new alice --pin env:PIN --admin-key-out alice.key
ok card list
said '^alice +inserted$'
ok readers
said 'alice.* 3b'
no 1 "exists already" card new alice --pin env:PIN
ok pin verify --pin env:PIN

# Where two cards are in, one must be named; a name that only begins like another is no trouble.
ok card new alice2 --pin env:PIN -q
must "two readers" test "$("$CARDMINT" readers | grep -c ' 3b')" = 2
no 3 "reader" info
ok info --reader alice2
said 'alice2'

ok card eject alice2
ok card eject alice2
ok card list
said '^alice2 +ejected$'
ok info
said 'reader +.*alice '
ok card insert alice2
ok card insert alice2
ok card info alice2
said '^inserted +yes$'

no 2 "confirm with --yes" card remove alice2
ok card list
said '^alice2 '
ok card remove alice2 --yes
no 5 "no card alice2; did you mean alice\?" card info alice2
no 5 "no card nobody" card insert nobody
no 5 "no card nobody" card eject nobody
no 5 "no card nobody" card remove nobody --yes

# Not inserted, blank, PUK, other kinds.
ok card new shy --pin env:PIN --no-insert -q
ok card info shy
said '^inserted +no$'
ok card new raw --blank --no-insert
said 'blank'
PUK=12345678
export PUK
ok card new puk --pin env:PIN --unblock puk --puk env:PUK -q
ok pin verify --pin env:PIN --reader puk
ok card new small --pin env:PIN --pin-tries 1 --no-extended --reselect-logs-out --capacity 32768 -q
ok pin verify --pin env:PIN --reader small
no 4 "no try left|blocked" pin verify --pin env:PUK --reader small
no 4 "blocked" pin verify --pin env:PIN --reader small

ok card new aes --aes --pin env:PIN
said '^admin key, shown only this once: [0-9a-f]{48}$'
said 'ready to use, inserted'
ok info --reader aes
said '^card id +[0-9a-f]{32}$'
ok card insert raw
no 5 "has no PIN: it is blank" pin verify --pin env:PIN --reader raw
ok card remove raw --yes
ok card remove aes --yes

# A configuration of other readers is nothing to a card that is made.
printf 'pcsc = system\nreader = Front\n' >front.conf
CARDMINT_CONFIG=$dir/front.conf "$CARDMINT" card new front --pin env:PIN -q >out 2>err </dev/null &&
    status=0 || status=$?
must "made in spite of the configuration" test "$status" = 0
ok card remove front --yes

# Failure leaves nothing: a module that is none, a key file that cannot be written.
no 9 "" card new half --pin env:PIN --module /nowhere.so
no 5 "no card half" card info half
no 1 "nowhere" card new half --pin env:PIN --admin-key-out nowhere/key
no 5 "no card half" card info half
status=0
"$CARDMINT" card new half --pin env:PIN >/dev/full 2>err </dev/null || status=$?
must "a key nobody could read: no card" test "$status" = 1
no 5 "no card half" card info half
status=0
"$CARDMINT" card new half --blank --no-insert >/dev/full 2>err </dev/null || status=$?
must "nobody was told: no card" test "$status" = 1
no 5 "no card half" card info half
status=0
"$CARDMINT" card new half --pin env:PIN --admin-key-out half.key >/dev/full 2>err </dev/null ||
    status=$?
must "with the key in a file neither" test "$status" = 1
must "nor is the key left" test ! -e half.key
no 2 "is there already" card new half --pin env:PIN --admin-key-out front.conf
no 5 "no card half" card info half
must "no rests" test -z "$(find "$CARDMINT_HOME" -name 'half*')"

# Each end of the capacity; keys of the longest kind.
AES32=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
export AES32
ok card new least --pin env:PIN --aes --admin-key env:AES32 --capacity 1024 -q
ok card new most --pin env:PIN --capacity 67108864 -q
ok card remove least --yes
ok card remove most --yes

# A folder of cards that is none, or has no name that fits, is no empty one.
good=$CARDMINT_HOME
long=$dir/$(printf '%04000d' 0)
for CARDMINT_HOME in "$dir/front.conf" "$dir/front.conf/below" "$long" "$long$long"; do
    no 1 "CARDMINT_HOME" card list
    no 1 "CARDMINT_HOME" card list --json
    no 1 "CARDMINT_HOME" card info alice
    no 1 "CARDMINT_HOME" card new alice --pin env:PIN
done
CARDMINT_HOME=$dir/later
ok card list
said 'card new'
CARDMINT_HOME=$good

must "images are private" test "$(stat -c %a "$CARDMINT_HOME/cards/alice.card")" = 600
finish
