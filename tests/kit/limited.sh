#!/bin/sh
# SPDX-License-Identifier: MIT
# Cards that can less, and say so: what they lack does not apply, with the reason; all else passes.
# LIMITED_MODULE, MODULE: limited_module.c, and the real one.
. "$(dirname "$0")/../cli/lib.sh"
KEY=0123456789abcdeffedcba98765432100f1e2d3c4b5a6978
export TMPDIR="$dir" LIMITED_OF="${MODULE:?}" LIMITED= KEY
FEW="--set repeats=2 --set challenges=10 --set threads=2 --set thread_rounds=1 --set seconds=1"

# limit CODE PYTHON-CONDITION ARGUMENTS: of the results r, by id
limit() {
    code=$1 condition=$2 status=0
    shift 2
    # shellcheck disable=SC2086 # several words
    "$CARDMINT" certify --module "${LIMITED_MODULE:?}" $FEW --json "$@" >out 2>err </dev/null ||
        status=$?
    must "$LIMITED: exit code $code" test "$status" = "$code"
    if "$PYTHON" - "$condition" <<'PY'
import json, sys
r = {x["id"]: x for x in json.load(open("out"))["results"]}
of = lambda status: {i for i in r if r[i]["status"] == status}
print(*(r[i]["id"] + ": " + r[i]["detail"] for i in of("fail")), sep="\n", file=sys.stderr)
assert all(r[i]["detail"] for i in of("not-applicable"))
assert sum(i[:2] in ("CM", "N.") for i in r) >= 383
sys.exit(not eval("(" + sys.argv[1] + ")"))
PY
    then pass; else bad "$LIMITED: $condition"; fi
}

LIMITED=no-rsa
limit 0 'not of("fail") and r["CMR.4.3.1.1"]["status"] == r["CMR.4.3.5.2"]["status"] ==
    "not-applicable" and r["CMR.4.3.2.1"]["status"] == r["CMR.4.3.5.1"]["status"] == "pass"'
LIMITED=no-curves
limit 0 'not of("fail") and r["CMR.4.3.2.1"]["status"] == r["CMR.4.3.4.E1"]["status"] ==
    "not-applicable" and r["CMR.4.3.1.1"]["status"] == "pass"'

# A card that somebody has put keys on. That its PIN blocks is not tried: nothing would unblock it.
LIMITED=
ok card new alice --pin env:PIN --admin-key env:KEY
OWN="--card alice --overwrite --pin env:PIN --admin-key env:KEY"
# shellcheck disable=SC2086
ok certify $OWN --set keep_fixture=yes CMR.4.1.1.1
LIMITED=read-only
# shellcheck disable=SC2086
limit 1 'of("fail") == {"CMR.3.2.1.E8", "CMR.3.2.1.E9", "V6.1.E9"} and r["V6.1.E9"]["blocked"] and
    r["CMR.3.2.1.E8"]["blocked"] and
    all(r[i]["status"] == "not-applicable" for i in ("CMR.3.3.1.1", "CMR.3.3.2.E2", "CMR.3.4.4.1",
    "CMR.4.2.1.1", "S.2")) and all(r[i]["status"] == "pass" for i in ("CMR.3.2.1.1",
    "CMR.3.4.3.1", "CMR.3.4.9.1", "CMR.4.3.5.1", "CMR.3.1.1.1"))' $OWN
finish
