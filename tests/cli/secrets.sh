#!/bin/sh
# SPDX-License-Identifier: MIT
# PINs and keys: from where they come, and that they go nowhere.
. "$(dirname "$0")/lib.sh"

no 2 "shows in .ps." card new a --pin 271828
no 2 "shows in .ps." card new a --pin env:PIN --admin-key 00112233
no 2 "shows in .ps." pin verify --pin 271828
must "a literal PIN is not repeated" test "$(grep -c 271828 err)" = 0
no 2 "no PIN given and no terminal" card new a
no 2 "no such environment variable" card new a --pin env:NOT_THERE
no 2 "No such file" card new a --pin-file nowhere
SHORT=123 EMPTY='' LONG=$(printf '%0128d' 0)
export SHORT EMPTY LONG
no 2 "4 to 127 bytes" card new a --pin env:SHORT
no 2 "1 to 127 bytes" card new a --pin env:EMPTY
no 2 "1 to 127 bytes" card new a --pin env:LONG
no 2 "no PUK given" card new a --pin env:PIN --unblock puk
KEY=00112233 NOHEX=xyz ODD=001
export KEY NOHEX ODD
no 2 "4 bytes; it must have 24" card new a --pin env:PIN --admin-key env:KEY
no 2 "hexadecimal" card new a --pin env:PIN --admin-key env:NOHEX
no 2 "hexadecimal" card new a --pin env:PIN --admin-key env:ODD
must "no card was made" test -z "$("$CARDMINT" -q card list)"

# A random admin key is shown once, or goes to a file that only its owner reads.
ok card new alice --pin env:PIN
said '^admin key, shown only this once: [0-9a-f]{48}$'
cp out first
ok card new bob --pin env:PIN -q
must "quiet: the key alone" grep -qxE '[0-9a-f]{48}' out
must "the keys differ" test "$(cat out)" != "$(grep -oE '[0-9a-f]{48}' first)"
ok card new carol --pin env:PIN --admin-key-out carol.key
must "nothing shown then" test "$(grep -cE '[0-9a-f]{48}' out)" = 0
must "the file has it" grep -qxE '[0-9a-f]{48}' carol.key
must "mode 0600" test "$(stat -c %a carol.key)" = 600
for card in alice bob; do ok card remove $card --yes; done

# The first line of a file, with any line end; and the key that was written works.
printf '271828\r\nsecond line\n' >crlf
printf '271828' >bare
ok pin verify --pin-file crlf
ok pin verify --pin-file bare
ok pin verify --pin env:PIN
printf '2718\00028\n' >nul
printf '\357\273\277271828\n' >marked
for file in nul marked; do no 2 "bytes of text" pin verify --pin-file $file; done
printf '\n271828\n' >empty_first
no 2 "first line" pin verify --pin-file empty_first
echo hello >text
ok file write adminf text --admin-key-file carol.key --access admin
ok file read adminf --admin-key-file carol.key
must "the administrator reads what he wrote" cmp text out
ok card remove carol --yes

# A key of our own is not repeated.
KEY=000102030405060708090a0b0c0d0e0f1011121314151617
ok card new dave --pin env:PIN --admin-key env:KEY
must "a given key is not shown" test "$(grep -ci "$KEY" out)" = 0
WRONG=ff0102030405060708090a0b0c0d0e0f1011121314151617
export WRONG
SHORT=0011
no 2 "2 bytes; it must have 16 or 24" file write adminf text --admin-key env:SHORT
no 4 "admin key" file write adminf text --admin-key env:WRONG
ok file write adminf text --admin-key env:KEY

# On a terminal: tests/cli/prompt.py.
"$PYTHON" "$SOURCE/tests/cli/prompt.py" "$CARDMINT" >out 2>&1 && pass || bad "prompt.py"
finish
