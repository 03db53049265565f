#!/bin/sh
# SPDX-License-Identifier: MIT
# Help on every level; the manual page has every command, option and exit code, and no more.
. "$(dirname "$0")/lib.sh"
man=$SOURCE/man/cardmint.1

ok --help
cp out all
ok -h
must "-h is --help" cmp all out
ok help
must "help is --help" cmp all out
ok --version
must "the version is that of VERSION" test "$(cat out)" = "cardmint $(head -n 1 "$SOURCE/VERSION")"

# The words of each command: "  card new NAME      ..." -> "card new".
sed -n '/^Commands:/,/^$/p' all | sed -n 's/^  \([a-z][a-z]*\( [a-z][a-z-]*\)\{0,1\}\).*/\1/p' >words
sed -n '/^Commands:/,/^$/p' all | grep -c '^  ' >count
must "all commands were read" test "$(wc -l <words)" = "$(cat count)"
must "there are commands" test "$(wc -l <words)" -ge 20

while read -r first second; do
    command="$first${second:+ $second}"
    # shellcheck disable=SC2086 # no second word is no argument
    ok $first $second --help
    said "^usage: cardmint $command( |$)"
    said '^  -h, --help'
    cp out one
    cat one >>options
    # shellcheck disable=SC2086
    ok help $first $second
    must "help $command is $command --help" cmp one out
    must "$command is in the manual page" grep -qE "^\.It Nm Cm $command( |\$)" "$man"
done <words

for group in card pin file container cert admin roots; do
    ok "$group" --help
    said "^usage: cardmint $group COMMAND"
    must "$group: its commands only" test "$(sed -n '/^Commands:/,/^$/p' out | grep -c '^  ')" = \
        "$(grep -c "^$group " words)"
done

# Options: help -> manual page, and back.
sed -n 's/^  \(-[a-z],\|   \) --\([a-z-]*\).*/\2/p' options | sort -u >in_help
grep -oE 'Fl -[a-z][a-z-]+' "$man" | sed 's/^Fl -//' | sort -u >in_man
must "there are options" test "$(wc -l <in_help)" -ge 30
diff in_help in_man >out 2>&1 || true # shown below
must "options of the help (<) and of the manual page (>) are the same" test ! -s out

# Exit codes.
ok help exit-codes
sed -n 's/^  \([0-9]\)  .*/\1/p' out >in_help
sed -n '/^\.Sh EXIT STATUS/,/^\.Sh EXAMPLES/s/^\.It \([0-9]\)$/\1/p' "$man" >in_man
must "there are exit codes" test "$(wc -l <in_help)" -ge 9
must "exit codes of help and manual page are the same" cmp in_help in_man

# The configuration: cardmint config -> cardmint.conf(5), and back.
conf=$SOURCE/man/cardmint.conf.5
ok config
sed -n 's/^\(# \)\{0,1\}\([A-Za-z]*\) = .*/\2/p' out | sort >in_config
sed -n '/^\.Ss Names/,/^\.Sh FILES/s/^\.It Cm \([A-Za-z]*\)$/\1/p' "$conf" | sort >in_man
must "there are names" test "$(wc -l <in_config)" -ge 11
must "names of config and of its manual page are the same" cmp in_config in_man
sed -n '/Bd -literal/,/\.Ed/p' "$conf" | grep -E '^(#|.* = )' >example.conf
ok config --config example.conf
said '^reader = Front$'
said '^AllowPrivateSignatureKeyImport = 1$'

if command -v mandoc >/dev/null; then
    must "the manual page is clean mdoc" mandoc -T lint -W warning "$man"
    must "cardmint.conf.5 is clean mdoc" mandoc -T lint -W warning "$conf"
fi
finish
