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
said '^Success: '
must "it leaves nothing behind" test ! -e "$dir/nobody"
must "the PIN is not shown" test "$(grep -c 271828 out)" = 0

CARDMINT_HOME=$home
for turn in 1 2; do # the second finds a card of the first inserted
    "$SOURCE/examples/demo.sh" "$BUILD" "$SOURCE/LICENSE" >out 2>err && pass || bad "tour $turn"
    said '^Success: '
done
ok card list
said '^demo +inserted'
said '^demo2 +inserted'

status=0
"$SOURCE/examples/demo.sh" "$BUILD" /nowhere >out 2>err || status=$?
must "a file that is not there fails" test "$status" != 0
finish
