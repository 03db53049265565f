#!/bin/sh
# SPDX-License-Identifier: MIT
# dll.sh TRIPLET DLL: the Windows module exports CardAcquireContext alone and undecorated (CMR.1.0.1),
# needs system libraries only, and stays far below 2 MB (CMR.1.1.2).
set -eu
dump=$("$1-objdump" -p "$2")
fail() { echo "$2: $1"; exit 1; }
names=$(printf '%s\n' "$dump" | sed -n '/Ordinal\/Name Pointer/,/^$/s/^[[:space:]]*\[ *[0-9]*\][^A-Za-z]*\([A-Za-z@0-9_]*\)$/\1/p')
[ "$names" = CardAcquireContext ] || fail "exports: $names" "$2"
for lib in $(printf '%s\n' "$dump" | sed -n 's/.*DLL Name: //p'); do
    case $lib in
    KERNEL32.dll | msvcrt.dll | WinSCard.dll | bcrypt.dll) ;;
    *) fail "needs $lib" "$2" ;;
    esac
done
[ "$(wc -c <"$2")" -lt 2097152 ] || fail "larger than 2 MB" "$2"
echo "$2: $(wc -c <"$2") bytes"
echo "3 passed, 0 failed"
