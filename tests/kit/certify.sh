#!/bin/sh
# SPDX-License-Identifier: MIT
# cardmint certify and exec as people start them. Each run here is of a few requirements only.
. "$(dirname "$0")/../cli/lib.sh"
export TMPDIR="$dir"
ROW=CMR.4.1.1.1   # quick, and every card has it
KEY=0123456789abcdeffedcba98765432100f1e2d3c4b5a6978
export KEY
gone() { must "$1" test -z "$(ls -d "$dir"/cardmint-certify-* 2>/dev/null)"; }

# Two fresh cards, and none of the user's is touched.
ok certify --only $ROW
said "pass +$ROW"
said "1 requirements: 1 pass, 0 fail"
must "no card was made at home" test ! -e "$CARDMINT_HOME"
gone "the cards are gone"
ok certify --only $ROW --quiet
ok certify --only $ROW --json
must "JSON" "$PYTHON" -c 'import json, sys
r = json.load(open("out"))["results"]
sys.exit(not (len(r) == 1 and r[0]["status"] == "pass" and r[0]["log"]))'
ok certify --only CMR.4.1.1
must "beginnings of ids" test "$(grep -c "  pass " out)" = 6
ok certify --only $ROW --only CMR.4.1.1.2 CMR.4.1.1.3
must "several" test "$(grep -c '  pass ' out)" = 3
ok certify $ROW
ok exec CardQueryCapabilities Negative
must "by the closed tool's name" test "$(grep -c '  pass ' out)" = 4
ok exec cardquerycapabilities
must "in any case" test "$(grep -c '  pass ' out)" = 7

# --list runs nothing.
ok certify --list
must "all there are" test "$(grep -c '^CMR' out)" -ge 383
ok certify --list --only $ROW
must "or some" test "$(wc -l <out)" = 1
ok certify --list --json --only CMR.3.2.1
must "list as JSON" "$PYTHON" -c 'import json, sys
r = {o["id"]: o for o in json.load(open("out"))}
sys.exit(not (r["CMR.3.2.1.E8"]["closed_tool"] == "CardAuthenticatePin Blocking"
              and r["CMR.3.2.1.E1"]["kind"] == "error"))'
ok exec CardAuthenticatePin Blocking --list
said "CMR.3.2.1.E8"

# Reports: whole files, in a folder that is made.
ok certify --only $ROW --report a/b
must "report.json" test -s a/b/report.json
must "report.html" grep -q "$ROW" a/b/report.html
must "junit.xml" "$PYTHON" -c 'import xml.dom.minidom as m; m.parse("a/b/junit.xml")'
must "three files" test "$(ls a/b | wc -l)" = 3

# What cannot be.
no 2 "no requirement's id is CMR.9, or below it" certify --only CMR.9
no 2 "below it" certify $ROW nonsense
no 2 "there is no test Frobnicate; there are SanityTest, HashCM, .*CardProcessEncryptedData" \
    exec Frobnicate
no 2 "no subtest Blocking; it has Positive, PaddingInfoSupport, Negative$" \
    exec CardSignData Blocking
no 2 "HashCM has no subtests" exec HashCM Positive
no 2 "too many arguments" exec CardSignData Positive Negative
no 2 "no option of this command" exec CardSignData --only $ROW
no 2 "no option of this command" info --overwrite
no 9 "/nowhere.so: No such file" certify --module /nowhere.so
no 9 "does not load" certify --only $ROW --module "$SOURCE/LICENSE"
libc=$(find /lib /lib64 /usr/lib -name libc.so.6 2>/dev/null | head -n 1)
[ -z "$libc" ] || no 9 "CardAcquireContext" certify --only $ROW --module "$libc"
no 9 "nowhere" certify --only $ROW --pcsc /nowhere.so
no 1 "not a folder|Not a directory|File exists" certify --only $ROW --report "$SOURCE/LICENSE"
no 2 "no setting .frob" certify --set frob=1
no 2 "NAME=VALUE" certify --set frob
no 2 "from 4 to 7" certify --card-version 9
gone "nothing is left of them"

# The configuration file, in both forms.
printf 'user_pin = 4711\nadmin_aes = yes\nadmin_key = 0x%s\nrepeats = 2\n' $KEY >kit.conf
ok certify --only $ROW --config kit.conf
printf 'user_pin = 4711\nrepeats = none\n' >bad.conf
no 2 "bad.conf, line 2: repeats is a number" certify --config bad.conf
no 2 "/nowhere cannot be read" certify --config /nowhere
cp "$SOURCE/tests/kit/data/cmck_config.xml" .
ok certify --only $ROW --config cmck_config.xml
sed 's/PinEntry>/PinEntri>/' cmck_config.xml >bad.xml
no 2 "bad.xml: <PinEntri>, line [0-9]+: is not known here" certify --config bad.xml
ok certify --only $ROW --config "$SOURCE/examples/certify.conf"

# A card of the user's: only when it may be overwritten, and it stays as it was.
no 5 "no such card" certify --card alice --overwrite --pin env:PIN
ok card new alice --pin env:PIN --admin-key env:KEY --no-insert
ok card new bob --pin env:PIN --admin-key env:KEY
no 2 "add --overwrite" certify --card alice --pin env:PIN
no 2 "has a PIN" certify --card alice --overwrite
no 2 "two ways" certify --card alice --reader bob --overwrite
no 2 "no card name" certify --card a/b
no 2 "at most 2" certify --card a,b,c
ok certify --only $ROW --card alice --overwrite --pin env:PIN --admin-key env:KEY
said "reader +cardmint alice 00 00$"
must "it is out again" test ! -e "$CARDMINT_HOME/slots/alice"
must "bob stays in" test -e "$CARDMINT_HOME/slots/bob"
ok certify --only $ROW --card alice,bob --overwrite --pin env:PIN --admin-key env:KEY
said "alice 00 00; cardmint bob"
ok certify --only $ROW --reader bob --overwrite --pin env:PIN --admin-key env:KEY
no 2 "add --overwrite" certify --only $ROW --reader bob --pin env:PIN
no 3 "no reader has the name carol" certify --only $ROW --reader carol --overwrite --pin env:PIN
no 2 "no option|not on the command line|env:" certify --pin 1234

# Ctrl-C: nothing is left, and the caller can tell.
"$CARDMINT" certify >out 2>err </dev/null &
pid=$!
for i in 1 2 3 4 5 6 7 8 9 10; do
    sleep 0.2
    ls -d "$dir"/cardmint-certify-*/slots/second >/dev/null 2>&1 && break
done
kill -TERM $pid
status=0
wait $pid || status=$?
must "ended by the signal" test "$status" = 143
gone "and the cards are gone"
finish
