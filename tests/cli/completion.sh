#!/bin/sh
# SPDX-License-Identifier: MIT
# help completion: what bash, and zsh where it is there, would offer.
. "$(dirname "$0")/lib.sh"

no 2 "for which shell" help completion
no 2 "for which shell" help completion fish
no 2 "too many" help completion bash now
ok help completion zsh
cp out script.zsh
ok help completion bash
cp out script.bash
must "bash reads it" bash -n script.bash
if command -v shellcheck >/dev/null; then
    must "shellcheck finds nothing" shellcheck script.bash
fi

# As bash would call it: complete.bash LINE prints what is offered, one a line.
cat >complete.bash <<'BASH'
source ./script.bash
compopt() { [ "$*" = "-o default" ] && files=yes; } # readline's own completion of file names
files=no
COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
_cardmint
if [ ${#COMPREPLY[@]} = 0 ] && [ $files = yes ]; then echo FILES; fi
printf '%s\n' "${COMPREPLY[@]}" | sort
BASH

# offers LINE WORDS: these and no others.
offers() {
    bash complete.bash "$1" >out 2>err || true
    sed '/^$/d' out >lines
    must "'$1' offers: $2" test "$(tr '\n' ' ' <lines)" = "$(echo "$2" | tr ' ' '\n' |
        sed '/^$/d' | sort | tr '\n' ' ')" -a ! -s err
}
offers "cardmint ca" "card"
offers "cardmint c" "card container cert certify config"
offers "cardmint card " "new list info insert eject remove"
offers "cardmint card in" "info insert"
offers "cardmint --reader x -q card in" "info insert"
offers "cardmint frob " ""
offers "cardmint help com" "completion"
offers "cardmint help completion " "bash zsh"
offers "cardmint help card n" "new"
offers "cardmint help card new " ""
offers "cardmint card list --js" "--json"
offers "cardmint readers --pin" ""
offers "cardmint sign --pi" "--pin --pin-file"
offers "cardmint --js" ""
offers "cardmint sign --hash sha" "sha256 sha384 sha512 sha1"
offers "cardmint sign --hash=sha5" "sha512"
offers "cardmint container create --type p" "p256 p384 p521"
offers "cardmint container create --type rsa:2" "2048"
offers "cardmint derive --kdf tls" "tls-prf tls12-prf"
offers "cardmint decrypt --padding o" "oaep oaep-sha256"
offers "cardmint file write x --access ev" "everyone everyone-admin"
offers "cardmint info --pcsc s" "soft system"
offers "cardmint card new x --unblock " "admin puk"
offers "cardmint card new x --profile " "gids piv both"
offers "cardmint card new x --admin-path " "pin none"
offers "cardmint --container " ""
CARDMINT_TEST_PIN=1 CARDMINT_TEST_PUK=2
export CARDMINT_TEST_PIN CARDMINT_TEST_PUK
offers "cardmint sign --pin env:CARDMINT_TEST_" "CARDMINT_TEST_PIN CARDMINT_TEST_PUK"
touch seed.bin seed.txt
for line in "sign " "sign -o " "sign --pin-file se" "file write path " "roots add " \
    "info --module /"; do
    offers "cardmint $line" FILES
done
offers "cardmint file write " ""
offers "cardmint info --pcsc /" FILES
offers "cardmint derive --seed @se" "@seed.bin @seed.txt"

# The words that completion offers are words that the commands know, and no other is lacking.
values() {
    sed -n "/^_cardmint_values/,/^}/s/^ *--$1) echo \(.*\) ;;/\1/p" script.bash
}
for word in $(values hash); do
    no 3 "" sign --digest --hash "$word" --pin env:PIN "$SOURCE/VERSION"
done
for word in $(values type); do no 3 "" container create --type "$word" --pin env:PIN; done
for word in $(values padding); do
    no 3 "" decrypt --padding "$word" --pin env:PIN "$SOURCE/VERSION"
done
for word in $(values access); do
    no 3 "" file write x "$SOURCE/VERSION" --access "$word" --pin env:PIN
done
for word in $(values kdf); do no 2 "give --peer" derive --kdf "$word" --hex; done
ok help derive
for word in $(values kdf) $(values hash); do said " --(kdf|hash) NAME .* $word"; done
must "there are hashes" test "$(values hash | wc -w)" -ge 5

# zsh: the same words; compadd and _files are its builtins while it completes.
if command -v zsh >/dev/null; then
    must "zsh reads it" zsh -n script.zsh
    cat >complete.zsh <<'ZSH'
compdef() { :; }
compadd() { print -l -- "${@:#--}"; }
_files() { print FILES; }
compset() { [[ $2 == @ && $PREFIX == @* ]] }
source ./script.zsh
words=("$@") CURRENT=$# PREFIX=${@[$#]}
_cardmint
ZSH
    for line in card sign; do
        zsh -f complete.zsh cardmint $line --pi >out 2>err || true
        must "zsh reports no error" test ! -s err
    done
    said '^--pin-file$'
    zsh -f complete.zsh cardmint sign --hash sha >out
    said '^sha512$'
    zsh -f complete.zsh cardmint card "" >out
    said '^insert$'
    zsh -f complete.zsh cardmint sign "" >out
    said '^FILES$'
fi
finish
