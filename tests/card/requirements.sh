#!/bin/sh
# SPDX-License-Identifier: MIT
# requirements.sh SOURCE_DIR [LIST]: each requirement of the list stands in a line of minidriver/ or
# is excused; each that stands there is in the list; each that stands there is tested, by name, in
# the kit (kit/rows/).
set -eu
cd "$1"
list=${2:-tests/card/requirements.txt}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ids() { grep -ohE 'CMR\.[0-9]+\.[0-9]+\.[0-9]+\.E[0-9]+' "$@" | sort -u; }
ids minidriver/*.[ch] >"$work/code"
ids kit/rows/*.c >"$work/tested"
awk -v code="$work/code" -v tested="$work/tested" '
BEGIN {
    while ((getline id < code) > 0) in_code[id] = 1
    while ((getline id < tested) > 0) in_test[id] = 1
}
function bad(what) { print $1 ": " what; failed++ }
/^#/ { next }
{
    listed[$1] = 1; count++
    excused = NF > 2
    if (in_code[$1] && excused) bad("excused, but in the code")
    if (!in_code[$1] && !excused) bad("neither in the code nor excused")
    if (in_code[$1] && !in_test[$1]) bad("not tested")
    checked += in_code[$1]
}
END {
    for (id in in_code) if (!(id in listed)) { print id ": in the code, not in the list"; failed++ }
    if (count < 200) { print "only " count " requirements read"; failed++ }
    printf "%d requirements: %d in the code, %d excused\n", count, checked, count - checked
    exit failed > 0
}' "$list"
