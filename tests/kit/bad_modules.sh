#!/bin/sh
# SPDX-License-Identifier: MIT
# Modules that end badly: a crash, a hang, an exit are the failed requirement's alone, with the call
# in which it came named, and the run goes on. BAD_MODULE, MODULE: bad_module.c, and the real one.
. "$(dirname "$0")/../cli/lib.sh"
export TMPDIR="$dir" BAD_OF="${MODULE:?}" BAD=
export ASAN_OPTIONS="handle_segv=0" # a crash is to be a signal in that build, too
READS=CMR.3.4.3.1 READS_NOT=V6.2.E1   # one that reads a file, one that does not

# how CODE: certify with the module behaving so; its report in report/report.json.
how() {
    status=0
    BAD=$2 "$CARDMINT" certify --module "${BAD_MODULE:?}" --only $READS $READS_NOT \
        --set limit_seconds=2 --report report >out 2>err </dev/null || status=$?
    must "$2: exit code $1" test "$status" = "$1"
}
# row ID PYTHON-CONDITION on the row r
row() {
    if "$PYTHON" - "$1" "$2" <<'PY'
import json, sys
r = next(x for x in json.load(open("report/report.json"))["results"] if x["id"] == sys.argv[1])
ok = eval(sys.argv[2])
if not ok: print(sys.argv[2], r, file=sys.stderr)
sys.exit(not ok)
PY
    then pass; else bad "$2 of $1"; fi
}

how 0 none
row $READS 'r["status"] == "pass"'
for bad in crash abort exit hang close stop behind-crash hide flood; do
    how 1 $bad
    row $READS 'r["status"] == "fail" and "CardReadFile" in r["got"]'
    row $READS_NOT 'r["status"] == "pass"'
done
row $READS '"File size limit" in r["got"]'
how 1 hang
row $READS '"no answer within 2 seconds" in r["got"]'
how 1 stop
row $READS '"stopped by a signal" in r["got"]'
how 1 forge
row $READS 'r["expected"] == "a call that returns" and any("P forged" in l for l in r["log"])'
how 1 behind-crash
row $READS '"signal 9" in r["got"]'
how 0 behind
row $READS 'any("left running, and ended: 1" in l for l in r["log"])'
# What it writes may harm the card, too: in any case it does not pass, nor hide what was seen.
how 1 garbage
row $READS 'r["status"] == "fail" and any("pipe: garbage" in l for l in r["log"])'
how 0 no-delete # neither of the two calls it
must "no process is left" test -z "$(ps -eo args= 2>/dev/null | grep "^$CARDMINT certify --module $BAD_MODULE ")"
how 1 crash
row $READS '"signal 11" in r["got"]'
how 0 print
row $READS 'r["status"] == "pass" and "this is no verdict" in r["log"]'

BAD=stranger
export BAD
no 9 "does not know the card" certify --module "$BAD_MODULE" --only $READS
BAD=load-exit
no 9 "code 0 in loading the module" certify --module "$BAD_MODULE" --only $READS
BAD=load-hang
no 9 "no answer within 1 seconds, in loading" certify --module "$BAD_MODULE" --only $READS \
    --set limit_seconds=1
no 9 "CardAcquireContext" certify --module "$BUILD/lib/softreader/libpcsclite.so.1" --only $READS
no 9 "" certify --module "$SOURCE/README.md" --only $READS
finish
