#!/bin/sh
# SPDX-License-Identifier: MIT
# The layer check must object when an arrow is taken away: edge -> iso7816.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
sed 's/^edge:.*/edge: base include/' "$1/tests/layers.txt" >"$dir/rules"
if sh "$1/tests/house/layers.sh" "$1" "$dir/rules" >"$dir/out"; then
    echo "layers.sh accepted edge -> iso7816 against its rules"; exit 1
fi
grep -q 'edge may not include iso7816/' "$dir/out"
echo "1 passed, 0 failed"
