#!/bin/sh
# SPDX-License-Identifier: MIT
# manners.sh SOURCE_DIR: small promises every source file keeps.
set -eu
cd "$1"
bad=0
complain() { [ -z "$2" ] || { printf '%s:\n%s\n' "$1" "$2"; bad=$((bad + 1)); }; }
sources=$(find base crypto iso7816 pcsc edge minidriver host kit cli softcard softreader include -name '*.[ch]')
complain "no SPDX line" "$(grep -L 'SPDX-License-Identifier: MIT' $sources || true)"
complain "functions that cannot be told the room they have" \
    "$(grep -nE '\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|alloca|atoi|scanf|sscanf)\(' $sources || true)"
complain "libraries return; they do not exit, abort or print (cli/ may)" \
    "$(grep -nE '\b(exit|abort|printf|puts|perror)\(' $(printf '%s\n' $sources | grep -v '^cli/') || true)"
complain "lines over 120 columns (100 is the aim, tables may be wider)" "$(awk 'length > 120 { print FILENAME ":" FNR }' $sources)"
complain "tabs" "$(grep -nP '\t' $sources || true)"
complain "files over 700 lines" \
    "$(wc -l $sources | awk '$2 != "total" && $1 > 700 && $2 !~ /^include\// { print $2, $1 }')"
complain "the core names no card: what differs is in the profile" \
    "$(grep -niwE 'gids|piv|openpgp' $(printf '%s\n' $sources | grep '^minidriver/') || true)"
[ "$bad" = 0 ] && echo "7 passed, 0 failed"
