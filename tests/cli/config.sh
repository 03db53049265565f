#!/bin/sh
# SPDX-License-Identifier: MIT
# The configuration: where it comes from, what overrides what, and errors that name file and line.
. "$(dirname "$0")/lib.sh"
HOME=$dir/user
XDG_CONFIG_HOME=$dir/xdg
export HOME XDG_CONFIG_HOME
unset CARDMINT_CONFIG 2>/dev/null || true
mkdir -p "$HOME/.config/cardmint" "$XDG_CONFIG_HOME/cardmint"

# bad_line TEXT LINE PATTERN: a file with the text in its second line.
bad_line() {
    printf '# first\n%b\nreader = x\n' "$1" >bad.conf
    no 2 "bad.conf, line 2: .*$2" config --config bad.conf
}
bad_line 'nonsense' 'is not "name = value"'
bad_line 'nonsense = 1' 'no setting "nonsense"'
bad_line 'version =' 'version has no value'
bad_line 'version = 8' 'from 4 to 7'
bad_line 'version = seven' 'from 4 to 7'
bad_line 'DefaultPrivateKeyLenBits = 512' 'from 1024 to'
bad_line 'AllowPrivateECDSAKeyImport = maybe' 'yes or no'
bad_line 'reader = a\0b' 'not a text file'
no 2 "nowhere.*cannot be read" config --config nowhere
CARDMINT_CONFIG=nowhere2
export CARDMINT_CONFIG
no 2 "nowhere2.*cannot be read" config
no 2 "nowhere2.*cannot be read" readers
unset CARDMINT_CONFIG
no 2 "give NAME=VALUE" config --set reader
no 2 "give NAME=VALUE" config --set =x
no 2 "no setting" config --set nonsense=1
no 2 "has no value" config --set reader=
no 2 "from 4 to 7" config --set version=3
many=
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do
    many="$many --set version=$((4 + n % 4))"
done
# shellcheck disable=SC2086 # many words
no 2 "16 times" config $many

# The defaults; what is in force can be read back as a file.
ok config
said '^DefaultPrivateKeyLenBits = 1024$'
said '^AllowPrivateExchangeKeyImport = 0$'
said '^# reader = \(not set\)$'
said '^# version = \(not set\)$'
cp out defaults.conf
ok config --config defaults.conf
must "what is printed is a file" cmp out defaults.conf

ok config --set TransactionTimeoutMilliseconds=0
said '^TransactionTimeoutMilliseconds = 0$'

# json NAME VALUE ARGUMENTS...: the value in `config --json`.
json() {
    name=$1 value=$2
    shift 2
    ok config --json "$@"
    "$PYTHON" -c "import json, sys
sys.exit(json.load(open('out'))['$name'] != $value)" 2>err && pass || bad "$name is not $value"
}
json reader None
json version None
json version 6 --set version=6
json TransactionTimeoutMilliseconds 0 --set TransactionTimeoutMilliseconds=0
json RequireOnCardPrivateKeyGen False

# Which file: --config, then the environment, then the user's; --set goes over all of them.
echo 'reader = xdg' >"$XDG_CONFIG_HOME/cardmint/cardmint.conf"
echo 'reader = home' >"$HOME/.config/cardmint/cardmint.conf"
echo 'reader = environment' >environment.conf
{
    printf '  Reader=the reader#1  # a remark\r\n\n#pcsc = none\n'
    echo 'REQUIREONCARDPRIVATEKEYGEN = Yes'
} >named.conf
json reader "'xdg'"
(
    unset XDG_CONFIG_HOME
    "$CARDMINT" config
) >out 2>err
said '^reader = home$'
CARDMINT_CONFIG=environment.conf
export CARDMINT_CONFIG
json reader "'environment'"
json reader "'the reader#1'" --config named.conf
json pcsc None --config named.conf
json RequireOnCardPrivateKeyGen True --config named.conf
json reader "'last'" --config named.conf --set reader=first --set reader=last
json RequireOnCardPrivateKeyGen False --config named.conf --set RequireOnCardPrivateKeyGen=no
json TransactionTimeoutMilliseconds 256 --set TransactionTimeoutMilliseconds=0x100

# It is used; an option of the command line is stronger.
unset CARDMINT_CONFIG
rm -r "$XDG_CONFIG_HOME" "$HOME"
ok card new alice --pin env:PIN --admin-key-out key -q
ok card new bob --pin env:PIN -q
no 3 "reader" info
printf 'reader = bob\nversion = 5\n' >bob.conf
ok info --config bob.conf
said '^reader .* bob '
said '^interface version +5$'
ok info --config bob.conf --reader alice --card-version 6
said '^reader .* alice '
said '^interface version +6$'
ok info --config bob.conf --set reader=alice
said '^reader .* alice '
no 9 "/nowhere.so" info --set module=/nowhere.so
unset CARDMINT_PCSC
no 9 "/nowhere.so" readers --set pcsc=/nowhere.so
ok readers --set pcsc=/nowhere.so --pcsc soft
finish
