#!/bin/sh
# SPDX-License-Identifier: MIT
# exports.sh OURS THEIRS: our libpcsclite.so.1 against Debian's: same SONAME, same symbols.
set -eu
exports() { nm -D --defined-only "$1" | awk '{ print $2, $3 }' | sort; }
soname() { readelf -d "$1" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p'; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
exports "$1" >"$dir/ours"
exports "$2" >"$dir/theirs"
[ "$(wc -l <"$dir/theirs")" -ge 22 ]
diff -u "$dir/theirs" "$dir/ours"
[ "$(soname "$1")" = libpcsclite.so.1 ]
[ "$(soname "$2")" = libpcsclite.so.1 ]
# The real one must not come along: two libraries of one name would answer each other's calls.
if readelf -d "$1" | grep NEEDED | grep -i pcsc; then exit 1; fi
echo "$(wc -l <"$dir/ours") passed, 0 failed"
