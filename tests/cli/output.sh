#!/bin/sh
# SPDX-License-Identifier: MIT
# Output files are written whole or not at all.
. "$(dirname "$0")/lib.sh"
WRONG=999999
export WRONG

ok card new alice --pin env:PIN -q
echo hello >in
ok file write data in --pin env:PIN

echo precious >target
no 5 "nofile" file read nofile -o target
must "a failure keeps what was there" test "$(cat target)" = precious
chmod 640 target
ok file read data -o target
must "then it is replaced" cmp in target
must "and keeps its mode" test "$(stat -c %a target)" = 640

echo old >real
ln -s real link
ok file read data -o link
must "a link stays a link" test -L link
must "and what it names is written" cmp in real

ln -s nothing dangling
no 1 "is a link to what is not there" file read data -o dangling
must "a link to nowhere stays one" test -L dangling -a ! -e nothing

umask 077
ok file read data -o private
must "the umask counts" test "$(stat -c %a private)" = 600
ok file read data -o -
must "- is standard output" cmp in out
ok file read data -o /dev/null
must "a device stays a device" test -c /dev/null
no 1 "No such file or directory" file read data -o nowhere/target
no 1 "No space left" file read data -o /dev/full
mkdir folder
no 1 "" file read data -o folder
must "no temporary files are left" test -z "$(find . -name '*.??????' ! -name in | grep -v home || true)"

status=0
"$CARDMINT" readers >/dev/full 2>err </dev/null || status=$?
must "a full standard output is a failure" test "$status" = 1
finish
