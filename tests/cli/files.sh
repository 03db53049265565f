#!/bin/sh
# SPDX-License-Identifier: MIT
# file ls, read, write, rm.
. "$(dirname "$0")/lib.sh"

ok card new alice --pin env:PIN --admin-key-out key
ok file ls
for name in cardid cardcf cardapps mscp/cmapfile; do said "^$name "; done

# What goes in comes out: lengths around the limits of short and long commands.
for len in 0 1 127 128 255 256 257 1000 5000; do
    head -c $len /dev/urandom >in
    ok file write data in --pin env:PIN
    ok file read data -o back
    must "$len bytes come back" cmp in back
done
ok file ls
said '^data +5000  everyone$'

# From standard input, both ways of saying it; into a directory.
echo one | "$CARDMINT" -q file write mscp/one --pin env:PIN >out 2>err && pass || bad "stdin"
echo two | "$CARDMINT" -q file write mscp/two - --pin env:PIN >out 2>err && pass || bad "stdin -"
ok file read mscp/two
must "from stdin" test "$(cat out)" = two
ok file read 'mscp\one'

# Who may do what.
echo secret >in
ok file write hidden in --access user --pin env:PIN
no 2 "no PIN given" file read hidden
ok file read hidden --pin env:PIN
must "the user reads his file" cmp in out
ok file write admins in --access everyone-admin --admin-key-file key
ok file read admins
no 7 "admin" file write admins in --pin env:PIN
no 7 "admin" file rm admins --pin env:PIN
ok file ls
said '^hidden +-  not readable$'
ok file ls --pin env:PIN
said '^hidden +7  user$'
said '^admins .* everyone-admin$'
ok file rm admins --admin-key-file key
ok file rm hidden --pin env:PIN
ok file rm mscp/one --pin env:PIN
no 5 "hidden" file read hidden
finish
