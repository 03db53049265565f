#!/bin/sh
# SPDX-License-Identifier: MIT
# card insert --vpcd: against a driver of a few lines (a real pcscd is in tests/clients).
. "$(dirname "$0")/lib.sh"

ok card new alice --pin env:PIN -q
no 2 "eject" card insert alice --vpcd localhost:35963
ok card eject alice
for address in localhost :35963 localhost: ""; do
    no 2 "HOST:PORT" card insert alice --vpcd "$address"
done
no 1 "vpcd" card insert alice --vpcd 127.0.0.1:1
"$PYTHON" "$SOURCE/tests/cli/vpcd.py" "$CARDMINT" alice >out 2>err && pass || bad "vpcd.py"
finish
