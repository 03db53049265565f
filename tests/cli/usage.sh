#!/bin/sh
# SPDX-License-Identifier: MIT
# A wrong command line: exit code 2, one line that says what to do, and nothing done.
. "$(dirname "$0")/lib.sh"

status=0
"$CARDMINT" >out 2>err </dev/null || status=$?
must "cardmint alone is a usage error" test "$status" = 2
must "and shows the help on stderr" grep -q '^usage: cardmint' err

no 2 "did you mean .card'" crad
no 2 "did you mean .container list'" container lst
no 2 "cardmint --help" frobnicate
no 2 "cardmint card --help" card frobnicate
no 2 "which of them.*card --help" card
no 2 "did you mean --json" readers --jsno
no 2 "unknown option -x" readers -x
no 2 "takes no value" readers --json=yes
no 2 "needs a value" readers --reader
no 2 "needs a value" sign -o
no 2 "no option of this command" card list --capacity 4096
no 2 "no option of this command" readers --pin env:PIN
no 2 "an argument is lacking; usage: cardmint card new NAME" card new
no 2 "an argument is lacking; usage: cardmint cert write" cert write one
no 2 "too many arguments" card new a b
no 2 "too many arguments" readers now
no 2 "unknown command" help nonsense
no 2 "from 4 to 7" readers --card-version 3
no 2 "from 4 to 7" readers --card-version 7x
no 2 "from 4 to 7" readers --card-version -5
no 2 "from 1 to 15" card new a --pin env:PIN --pin-tries 0
no 2 "from 1 to 15" card new a --pin env:PIN --pin-tries 16
for capacity in 0 64 1023 67108865 99999999999999999999999; do
    no 2 "from 1024 to 67108864" card new a --pin env:PIN --capacity $capacity
done
ok card new --help
said 'capacity BYTES +room for files and keys, 1024 to 67108864'
no 2 "admin or puk" card new a --pin env:PIN --unblock me
no 2 "needs --unblock puk" card new a --pin env:PIN --puk env:PIN
no 2 "blank" card new a --blank --pin env:PIN
no 2 "no card name" card new .hidden --pin env:PIN
no 2 "no card name" card new a/b --pin env:PIN
no 2 "no card name" card new "" --pin env:PIN
no 2 "no card name" card new aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa --pin env:PIN
no 2 "rsa:BITS" container create --type ecc --pin env:PIN
no 2 "rsa:BITS" container create --type rsa:2048x --pin env:PIN
no 2 "39 characters" container create 1234567890123456789012345678901234567890 --pin env:PIN
no 2 "backslash" container create 'a\b' --pin env:PIN
no 2 "39 characters" container create "" --pin env:PIN
no 2 "no number" container create 7 --pin env:PIN
no 2 "39 characters" container import key.pem "" --pin env:PIN
no 2 "p256, p384 or p521" container create --type p192 --pin env:PIN
no 2 "sha256" sign --hash md4 --pin env:PIN
no 2 "oaep" decrypt --padding zero --pin env:PIN
no 2 "file write --help" file write a --access nobody --pin env:PIN
no 2 "one of them" container public-key x --pem --der
no 2 "one of them" pin verify --pin env:PIN --pin-file /dev/null

must "nothing was made" test ! -e "$CARDMINT_HOME/cards"
ok card list
ok --quiet card list
must "an empty list is quiet" test ! -s out

# Options may stand anywhere; after -- nothing is one.
ok card --json list
ok --json card list
no 5 "no card --json" card info -- --json
finish
