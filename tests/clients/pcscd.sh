#!/bin/sh
# SPDX-License-Identifier: MIT
# pcscd.sh NEWCARD PLUG DIALOGUE [OPTION]: a dialogue with the same card behind a real pcscd.
set -eu
here=$(dirname "$0")
newcard=$1 plug=$2 dialogue=$3 option=${4:-}
CARDMINT_HOME=$(mktemp -d)
export CARDMINT_HOME
trap 'rm -rf "$CARDMINT_HOME"' EXIT
"$newcard" alice $option
CARDMINT_PLUG="$plug alice" sh "$here/with-pcscd.sh" sh "$here/$dialogue" "Virtual PCD"
