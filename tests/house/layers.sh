#!/bin/sh
# SPDX-License-Identifier: MIT
# layers.sh SOURCE_DIR [RULES]: every #include "..." of the product against tests/layers.txt.
set -eu
cd "$1"
rules=${2:-tests/layers.txt}
folders=$(sed -n 's/^\([a-z0-9]*\):.*/\1/p' "$rules")
find $folders -name '*.[ch]' -exec grep -HnE '^[[:space:]]*#[[:space:]]*include' {} + |
awk -v rules="$rules" '
BEGIN {
    while ((getline line < rules) > 0) {
        if (line ~ /^only /) {
            split(substr(line, 6), part, ": *"); only[part[1]] = " " part[2] " "; continue
        }
        if (line !~ /^[a-z0-9]+:/) continue
        n = split(line, part, /: */)
        may[part[1]] = " " part[2] " " part[1] " "
    }
}
{
    split($0, at, ":"); file = at[1]; line = at[2]
    split(file, path, "/"); from = path[1]
    match($0, /[<"][^>"]*[>"]/); target = substr($0, RSTART + 1, RLENGTH - 2)
    quoted = substr($0, RSTART, 1) == "\""
    checked++
    base = target; sub(/^.*\//, "", base)
    for (o in only) if (base == o) {
        ok = 0; n = split(only[o], who, " ")
        for (i = 1; i <= n; i++) if (index(file, who[i]) == 1) ok = 1
        if (!ok) { print file ":" line ": only" only[o] "may include " o; bad++ }
    }
    if (!quoted) next
    split(target, path, "/"); to = path[1]
    if (to == "cardmint") to = "include"
    if (index(target, "/") == 0) to = from       # beside the file itself
    if (index(may[from], " " to " ") == 0) { print file ":" line ": " from " may not include " target; bad++ }
}
END {
    if (checked < 50) { print "layers: only " checked " includes found: not the source tree?"; exit 1 }
    printf "%d passed, %d failed\n", checked - bad, bad
    exit bad > 0
}'
