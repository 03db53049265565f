#!/bin/sh
# SPDX-License-Identifier: MIT
# A full card: exit code 6, what was there stays, what is removed makes room again.
. "$(dirname "$0")/lib.sh"

# Too small to be of use: said before anything is made.
no 2 "from 1024 to 67108864" card new tiny --pin env:PIN --capacity 64
no 5 "no card tiny" card info tiny

ok card new small --pin env:PIN --capacity 8192 -q
head -c 1000 /dev/zero | tr '\0' 'x' >thousand
n=0
while [ $n -lt 12 ] && "$CARDMINT" -q file write "f$n" thousand --pin env:PIN >out 2>err; do
    n=$((n + 1))
done
must "some files fit" test $n -ge 2
must "not all files fit" test $n -lt 12
no 6 "full|room|space" file write "f$n" thousand --pin env:PIN
ok file ls
must "no half file" test "$(grep -cE '^f[0-9]+ ' out)" = $n
i=0
while [ $i -lt $n ]; do
    ok file read f$i
    must "f$i is whole" cmp thousand out
    i=$((i + 1))
done

# No room for a key: no container.
no 6 "full|room|space" container create k --type rsa:2048 --pin env:PIN
ok container list
must "no half container" test "$(grep -c ' k ' out)" = 0
ok pin verify --pin env:PIN

ok file rm f0 --pin env:PIN
ok file write g0 thousand --pin env:PIN
ok file read g0
must "room again" cmp thousand out
finish
