#!/bin/sh
# SPDX-License-Identifier: MIT
# softreader.sh LIBRARY_DIR NEWCARD DIALOGUE [OPTION]: a dialogue with the software reader, no
# daemon. OPTION is for newcard.
set -eu
here=$(dirname "$0")
library=$1 newcard=$2 dialogue=$3 option=${4:-}
CARDMINT_HOME=$(mktemp -d)
export CARDMINT_HOME
trap 'rm -rf "$CARDMINT_HOME"' EXIT
"$newcard" alice --insert $option
# With sanitizers (CMakeLists.txt).
[ -z "${CARDMINT_PRELOAD:-}" ] || export LD_PRELOAD="$CARDMINT_PRELOAD"
export LD_LIBRARY_PATH="$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
sh "$here/$dialogue" "cardmint alice 00 00"
