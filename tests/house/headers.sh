#!/bin/sh
# SPDX-License-Identifier: MIT
# headers.sh SOURCE_DIR CC: every header compiles alone.
set -eu
cd "$1"
n=0 bad=0
for h in $(find include base crypto iso7816 pcsc edge minidriver host kit cli softcard softreader -name '*.h'); do
    n=$((n + 1))
    "$2" -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -I. -Iinclude $(pkg-config --cflags libpcsclite libxml-2.0) \
        -fsyntax-only -include "$h" -x c /dev/null || { echo "$h does not compile alone"; bad=$((bad + 1)); }
done
[ "$n" -gt 15 ]
echo "$((n - bad)) passed, $bad failed"
[ "$bad" = 0 ]
