#!/bin/sh
# SPDX-License-Identifier: MIT
# The tour of `make demo`, on a file whose name is no trouble, with a home of its own and with ours.
. "$(dirname "$0")/lib.sh"

cp "$SOURCE/LICENSE" "a file; with 'odd' name"
home=$CARDMINT_HOME
(
    unset CARDMINT_HOME
    HOME=$dir/nobody "$SOURCE/examples/demo.sh" "$BUILD" "a file; with 'odd' name" >out 2>err
) && pass || bad "the tour with a temporary home"
said '^     Verified OK$'
said '^     Certificate request self-signature verify OK$'
said '^     logon.pem: OK$'
said 'cmp agreed.key openssl.key$'
said 'it is blocked now$'
said '^     challenge: [0-9a-f]{16}$'
said '^     the PIN is set, with all its tries$'
said '^Success: '
must "it leaves nothing behind" test ! -e "$dir/nobody"
must "the PINs are not shown" test "$(grep -cE '271828|314159' out)" = 0

CARDMINT_HOME=$home
for turn in 1 2; do # the second finds a card of the first inserted
    "$SOURCE/examples/demo.sh" "$BUILD" "$SOURCE/LICENSE" >out 2>err && pass || bad "tour $turn"
    said '^Success: '
done
ok card list
said '^demo +inserted'
said '^demo2 +inserted'
ok pin verify --reader demo2 --pin-file "$CARDMINT_HOME/demo2.pin"
ok admin verify --reader demo2 --admin-key-file "$CARDMINT_HOME/demo2.admin-key"

status=0
"$SOURCE/examples/demo.sh" "$BUILD" /nowhere >out 2>err || status=$?
must "a file that is not there fails" test "$status" != 0
finish
