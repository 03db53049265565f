#!/bin/sh
# SPDX-License-Identifier: MIT
# exports.sh NM READELF MODULE: one function is exported; of libraries beside the system's only
# libcrypto is needed (crypto/), none of the reader or the software card.
set -eu
nm=$1 readelf=$2 module=$3
got=$("$nm" -D --defined-only "$module" |
    awk 'NF == 3 && $3 !~ /^__(asan|odr_asan|ubsan)/ { sub(/@.*/, "", $3); print $3 }')
if [ "$got" != CardAcquireContext ]; then
    echo "exports: $got"
    exit 1
fi
needed=$("$readelf" -d "$module" | grep NEEDED) || {
    echo "no NEEDED entries: not a module?"
    exit 1
}
if echo "$needed" | grep -E 'ssl|sqlite|pcsclite'; then
    exit 1
fi
