#!/bin/sh
# SPDX-License-Identifier: MIT
# PINs changed and unblocked, the admin key: with the key, by PUK, by challenge and response.
. "$(dirname "$0")/lib.sh"
NEW=314159 NEXT=161803 WRONG=999999 SHORT=123 FOUR=00112233
export NEW NEXT WRONG SHORT FOUR
KEY=000102030405060708090a0b0c0d0e0f1011121314151617
OTHER=ff0102030405060708090a0b0c0d0e0f1011121314151617
export KEY OTHER
AES16=000102030405060708090a0b0c0d0e0f # also 3DES, K1 K2 K1
AES32=${AES16}101112131415161718191a1b1c1d1e1f
export AES16 AES32

block() { # wrong PINs until there is no try left
    while "$CARDMINT" pin verify --pin env:WRONG >out 2>err; [ $? = 4 ]; do
        if grep -q 'no try left' err; then pass; return; fi
    done
    bad "the PIN was not blocked"
}

# What the command line lacks: nothing is done, no try spent.
ok card new alice --pin env:PIN --admin-key env:KEY -q
no 2 "no PIN given" pin change
no 2 "no new PIN given" pin change --pin env:PIN
no 2 "no new PIN given" pin unblock --admin-key env:KEY
no 2 "4 to 127 bytes" pin change --pin env:PIN --new-pin env:SHORT
no 2 "shows in .ps." pin change --pin env:PIN --new-pin 314159
no 2 "from 1 to 15" pin change --pin env:PIN --new-pin env:NEW --tries 0
no 2 "give one of them" pin unblock --admin-key env:KEY --puk env:NEW --new-pin env:NEW
no 2 "no admin key given" admin verify
no 2 "no admin key given" admin change-key
no 2 "no admin key given" admin respond 0011223344556677

# Changed: the old one is wrong now.
no 4 "wrong PIN, 2 tries left" pin change --pin env:WRONG --new-pin env:NEW
ok pin verify --pin env:PIN
ok pin change --pin env:PIN --new-pin env:NEW
no 4 "wrong PIN, 2 tries left" pin verify --pin env:PIN
ok pin verify --pin env:NEW
echo 271828 >pin.txt
ok pin change --pin env:NEW --new-pin-file pin.txt --tries 5
no 4 "wrong PIN, 4 tries left" pin verify --pin env:WRONG

# Blocked; unblocked with the admin key, after a wrong one.
block
no 4 "blocked" pin change --pin env:PIN --new-pin env:NEW
no 4 "admin key" pin unblock --admin-key env:OTHER --new-pin env:NEW
no 4 "blocked" pin verify --pin env:NEW
ok pin unblock --admin-key env:KEY --new-pin env:NEW
said 'with all its tries'
no 4 "wrong PIN, 4 tries left" pin verify --pin env:PIN
ok pin unblock --admin-key env:KEY --new-pin env:PIN --tries 2
no 4 "wrong PIN, 1 try left" pin verify --pin env:WRONG
ok pin verify --pin env:PIN

# Challenge and response, through pipes: the help desk has the key, the card holder the card.
# telephone KEY ARGUMENTS...: its output and exit code are those of the card holder's command.
mkfifo to_desk to_holder
telephone() {
    key=$1
    shift
    (
        sed -u 's/^challenge: //' <to_desk | head -n 1 |
            "$CARDMINT" admin respond - --admin-key "env:$key" >to_holder 2>desk_err
    ) &
    status=0
    "$CARDMINT" "$@" <to_holder >to_desk 2>err || status=$?
    wait
}
block
telephone OTHER pin unblock --new-pin env:NEW
must "a wrong response: exit code 4" test "$status" = 4
must "and it is said" grep -q 'wrong response' err
no 4 "blocked" pin verify --pin env:NEW
telephone KEY pin unblock --new-pin env:NEW
must "unblocked by telephone" test "$status" = 0
ok pin verify --pin env:NEW
telephone KEY admin challenge
must "the response is right" test "$status" = 0
telephone OTHER admin challenge
must "a wrong response to admin challenge" test "$status" = 4
echo zz >response
status=0
"$CARDMINT" pin unblock --new-pin env:PIN <response >out 2>err || status=$?
must "no hexadecimal: exit code 2" test "$status" = 2
must "the challenge was shown" grep -qxE 'challenge: [0-9a-f]{16}' out
status=0
"$CARDMINT" pin unblock --new-pin env:PIN </dev/null >out 2>err || status=$?
must "no response: exit code 1" test "$status" = 1
ok pin verify --pin env:NEW

# The response is what openssl computes: CBC with an IV of zeros.
respond() { # KEY CHALLENGE CIPHER
    printf '%s' "$2" | sed 's/../\\x&/g' | xargs -0 printf '%b' >challenge
    openssl enc "-$3" -K "$1" -iv "$(printf '%0*d' ${#2} 0)" -nopad -in challenge |
        od -An -v -tx1 | tr -d ' \n'
}
ok admin respond 0011223344556677 --admin-key env:KEY
must "3DES" test "$(cat out)" = "$(respond $KEY 0011223344556677 des-ede3-cbc)"
ok admin respond 0011223344556677 --admin-key env:AES16
must "3DES of two keys" test "$(cat out)" = \
    "$(respond ${AES16}0001020304050607 0011223344556677 des-ede3-cbc)"
long=00112233445566778899aabbccddeeff
ok admin respond $long --admin-key env:AES16
must "AES-128" test "$(cat out)" = "$(respond $AES16 $long aes-128-cbc)"
ok admin respond $long --admin-key env:KEY
must "AES-192" test "$(cat out)" = "$(respond $KEY $long aes-192-cbc)"
ok admin respond $long --admin-key env:AES32
must "AES-256" test "$(cat out)" = "$(respond $AES32 $long aes-256-cbc)"
no 2 "hexadecimal" admin respond 0011x --admin-key env:KEY
no 2 "does not answer a challenge of 3" admin respond 001122 --admin-key env:KEY
no 2 "does not answer a challenge of 8" admin respond 0011223344556677 --admin-key env:AES32

# The admin key itself.
ok admin verify --admin-key env:KEY
no 4 "admin key" admin verify --admin-key env:OTHER
no 2 "4 bytes; it must have 16 or 24" admin verify --admin-key env:FOUR
no 4 "admin key" admin change-key --admin-key env:OTHER --new-admin-key env:OTHER
must "no new key for a wrong one" test ! -s out
no 2 "takes no key of 32" admin change-key --admin-key env:KEY --new-admin-key env:AES32
ok admin verify --admin-key env:KEY
ok admin change-key --admin-key env:KEY --new-admin-key env:AES16
ok admin verify --admin-key env:AES16
telephone AES16 admin challenge
must "3DES of two keys" test "$status" = 0
ok admin change-key --admin-key env:AES16 --new-admin-key env:KEY
no 2 "for a random key" admin change-key --admin-key env:KEY --new-admin-key env:OTHER \
    --admin-key-out key
ok admin change-key --admin-key env:KEY --new-admin-key env:OTHER
must "a given key is not shown" test "$(grep -c "$OTHER" out)" = 0
no 4 "admin key" admin verify --admin-key env:KEY
echo old >taken
no 2 "is there already" admin change-key --admin-key env:OTHER --admin-key-out taken
must "what was there stays" grep -qx old taken
ok admin verify --admin-key env:OTHER
status=0
"$CARDMINT" admin change-key --admin-key env:OTHER >&- 2>err || status=$?
must "a key that cannot be shown is not set" test "$status" = 1
must "nor is it in the card's memory" test "$(grep -ac 'admin key' "$CARDMINT_HOME"/slots/*.ram)" = 0
ok admin verify --admin-key env:OTHER
ok admin change-key --admin-key env:OTHER --admin-key-out key
must "mode 0600" test "$(stat -c %a key)" = 600
must "the name it had before the card had it is gone" test ! -e key.new
ok admin verify --admin-key-file key
echo other >later.new
no 2 "later.new is there already" admin change-key --admin-key-file key --admin-key-out later
must "which may be a key in force" grep -qx other later.new
must "and nothing else is made" test ! -e later
ok admin verify --admin-key-file key
no 4 "no PIN of this card has that length" pin verify --pin env:SHORT
no 1 "nowhere" admin change-key --admin-key-file key --admin-key-out nowhere/key
ok admin verify --admin-key-file key
ok admin change-key --admin-key-file key
said '^new admin key: [0-9a-f]{48}$'
sed -n 's/^new admin key: //p' out >key
ok -q admin change-key --admin-key-file key
must "quiet: the key alone" grep -qxE '[0-9a-f]{48}' out
must "on one line" test "$(wc -l <out)" = 1
cp out key
ok admin verify --admin-key-file key
ok card remove alice --yes

# A card with a PUK: the admin key does not unblock it, the PUK does.
PUK=12345678
export PUK
ok card new bob --pin env:PIN --unblock puk --puk env:PUK --admin-key env:KEY -q
block
no 7 "where it has a PUK" pin unblock --admin-key env:KEY --new-pin env:NEW
telephone KEY pin unblock --new-pin env:NEW
must "by telephone neither" grep -q 'where it has a PUK' err
no 4 "wrong PUK, 2 tries left" pin unblock --puk env:WRONG --new-pin env:NEW
ok pin unblock --puk env:PUK --new-pin env:NEW
ok pin verify --pin env:NEW
no 4 "wrong PUK, 2 tries left" pin unblock --puk env:WRONG --new-pin env:NEXT
no 4 "wrong PUK, 1 try left" pin unblock --puk env:WRONG --new-pin env:NEXT
no 4 "wrong PUK, no try left: it is blocked" pin unblock --puk env:WRONG --new-pin env:NEXT
no 4 "PUK is blocked" pin unblock --puk env:PUK --new-pin env:NEXT
ok pin verify --pin env:NEW
no 4 "PUK is blocked" pin unblock --puk env:PUK --new-pin env:NEXT --card-version 5
ok card remove bob --yes

# And a card that its admin key unblocks has none.
ok card new bob --pin env:PIN --admin-key env:KEY -q
no 4 "card without one" pin unblock --puk env:PUK --new-pin env:NEW
ok pin verify --pin env:PIN
ok card remove bob --yes

# An AES key.
for key in AES16 KEY AES32; do
    ok card new carol --pin env:PIN --aes --admin-key env:$key -q
    ok admin verify --admin-key env:$key
    block
    telephone $key pin unblock --new-pin env:NEW
    must "unblocked by telephone, $key" test "$status" = 0
    ok pin unblock --admin-key env:$key --new-pin env:NEXT
    ok pin verify --pin env:NEXT
    rm -f key
    ok admin change-key --admin-key env:$key --admin-key-out key
    ok admin verify --admin-key-file key
    ok card remove carol --yes
done
finish
