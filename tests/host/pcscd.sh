#!/bin/sh
# SPDX-License-Identifier: MIT
# pcscd.sh CARDMINT PLUG TEST: TEST on a software card behind a real pcscd.
set -eu
cardmint=$1 plug=$2 test=$3
CARDMINT_HOME=$(mktemp -d)
export CARDMINT_HOME
trap 'rm -rf "$CARDMINT_HOME"' EXIT
unset CARDMINT_CONFIG CARDMINT_PCSC
echo 123456 >"$CARDMINT_HOME/pin"
"$cardmint" -q card new test --pin-file "$CARDMINT_HOME/pin" --admin-key-out "$CARDMINT_HOME/key"
"$cardmint" -q card eject test
CARDMINT_PLUG="$plug test" CARDMINT_TEST_PCSC=libpcsclite.so.1 \
    sh "$(dirname "$0")/../clients/with-pcscd.sh" "$test"
