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
for bad in crash abort exit hang; do
    how 1 $bad
    row $READS 'r["status"] == "fail" and "CardReadFile" in r["got"]'
    row $READS_NOT 'r["status"] == "pass"'
done
row $READS '"no answer within 2 seconds" in r["got"]'
how 1 crash
row $READS '"signal 11" in r["got"]'
how 0 print
row $READS 'r["status"] == "pass" and "this is no verdict" in r["log"]'

BAD=stranger
export BAD
no 9 "does not know the card" certify --module "$BAD_MODULE" --only $READS
no 9 "CardAcquireContext" certify --module "$BUILD/lib/softreader/libpcsclite.so.1" --only $READS
no 9 "" certify --module "$SOURCE/README.md" --only $READS
finish
