#!/bin/sh
# SPDX-License-Identifier: MIT
# demo.sh BUILD [FILE]: from a blank card to signatures that openssl verifies, a key agreed on, and
# a PIN unblocked; each step with its command.
#
# Works in a temporary folder and on a software card of its own. With CARDMINT_HOME set, the card
# is made there and kept.
# shellcheck disable=SC2086 # $on is no word or two
set -eu

build=$(cd "${1:?usage: demo.sh BUILD [FILE]}" && pwd)
file=${2:-README.md}
[ -r "$file" ] || { echo "demo: $file cannot be read; give another file with FILE=..." >&2; exit 1; }
[ -x "$build/bin/cardmint" ] || { echo "demo: $build/bin/cardmint is lacking; run make" >&2; exit 1; }
file=$(cd "$(dirname "$file")" && pwd)/$(basename "$file")
file_name=$(basename "$file")

work=$(mktemp -d)
kept=${CARDMINT_HOME:-}
: "${CARDMINT_HOME:=$work/home}"
PATH=$build/bin:$PATH
CARDMINT_PCSC=soft
CARDMINT_CONFIG=/dev/null # whatever the configuration says
NO_COLOR=1
export CARDMINT_HOME PATH CARDMINT_PCSC CARDMINT_CONFIG NO_COLOR

card=demo n=1
while cardmint -q card list | grep -qiF "$card"; do # a name that no other has in it
    n=$((n + 1)) card=demo$n
done

finish() {
    status=$?
    trap - EXIT
    rm -rf "$work"
    [ "$status" = 0 ] || echo "demo: a step failed (exit code $status); see above" >&2
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

step=0
say() {
    step=$((step + 1))
    printf '\n%d. %s\n' "$step" "$1"
}

# Shows a command and runs it.
run() {
    printf '   $'
    for word in "$@"; do
        case $word in
        *[!A-Za-z0-9_./:=@%+,-]*) printf " '%s'" "$word" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
    "$@" >"$work/.out" 2>&1 || { status=$?; sed 's/^/     /' "$work/.out"; return "$status"; }
    sed 's/^/     /' "$work/.out"
}

cd "$work"
umask 077
echo "cardmint $(cardmint --version | cut -d' ' -f2): a tour with $file_name ($(wc -c <"$file") bytes)"

say "A new software card: PIN, admin key, file system. It is inserted at once."
echo 271828 >pin.txt
run cardmint card new "$card" --pin-file pin.txt --admin-key-out admin-key.txt

say "It shows up as a reader, as a plastic card would."
run cardmint readers
# Where other cards are inserted as well, ours must be named.
others=$(cardmint readers --json | grep -c '"card": true') || true
if [ "$others" = 1 ]; then on=; else on="--reader $card"; fi

say "The card knows its PIN."
run cardmint pin verify --pin-file pin.txt $on

say "The card makes an RSA key pair. The private key never leaves it."
run cardmint container create mykey --type rsa:2048 --pin-file pin.txt $on

say "Its public key goes to a test authority, which issues a certificate for it."
run cardmint container public-key mykey -o public.pem $on
run openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key \
    -out ca.pem -days 30 -subj "/CN=Test authority"
run openssl x509 -new -force_pubkey public.pem -subj "/CN=Card holder" -CA ca.pem -CAkey ca.key \
    -days 30 -out cert.pem

say "The certificate is stored on the card, beside its key, and read back."
run cardmint cert write mykey cert.pem --pin-file pin.txt $on
run cardmint cert read mykey -o back.pem $on
run cmp cert.pem back.pem
run openssl verify -CAfile ca.pem back.pem
run cardmint container list $on

say "The card signs $file_name."
run cardmint sign --container mykey --pin-file pin.txt -o document.sig "$file" $on

say "openssl verifies the signature with the key of the certificate."
run openssl x509 -in back.pem -noout -pubkey -out signer.pem
run openssl dgst -sha256 -verify signer.pem -signature document.sig "$file"
grep -q '^Verified OK$' .out

say "A changed file does not pass."
{ cat "$file"; echo changed; } >changed
if run openssl dgst -sha256 -verify signer.pem -signature document.sig changed; then
    echo "demo: openssl accepted a changed file" >&2
    exit 1
fi

say "openssl encrypts a message for the card holder; only the card can decrypt it."
echo "Meet me at the reader." >message.txt
run openssl pkeyutl -encrypt -pubin -inkey signer.pem -pkeyopt rsa_padding_mode:oaep \
    -in message.txt -out message.enc
run cardmint decrypt --container mykey --padding oaep --pin-file pin.txt -o decrypted.txt \
    message.enc $on
run cmp message.txt decrypted.txt
run cat decrypted.txt

say "A second key, on the curve P-256. The card signs a request for its certificate, with the name"
echo "   that a logon looks for; openssl verifies the request."
run cardmint container create logon --type p256 --pin-file pin.txt $on
run cardmint cert request logon --subject "/CN=Card holder/O=Demo" \
    --alt-names UPN:holder@corp.example -o logon.csr --pin-file pin.txt $on
run openssl req -in logon.csr -verify -noout

say "The test authority signs it, and the card takes the certificate - for this key only."
run openssl x509 -req -in logon.csr -CA ca.pem -CAkey ca.key -days 30 -out logon.pem
run cardmint cert write logon logon.pem --pin-file pin.txt $on
run openssl verify -CAfile ca.pem logon.pem
if run cardmint cert write mykey logon.pem --pin-file pin.txt $on; then
    echo "demo: a certificate was stored with another key" >&2
    exit 1
fi

say "Somebody else has a key on that curve too. Card and openssl agree on a secret, and derive the"
echo "   same key of it: SHA-256 of the secret, which the card's side does not show."
run openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out friend.key
run openssl pkey -in friend.key -pubout -out friend.pem
run cardmint derive --container logon --peer friend.pem --kdf hash --hash sha256 -o agreed.key \
    --pin-file pin.txt $on
run cardmint container public-key logon -o logon.pub $on
run openssl pkeyutl -derive -inkey friend.key -peerkey logon.pub -out secret
run openssl dgst -sha256 -binary -out openssl.key secret
run cmp agreed.key openssl.key

say "Three wrong PINs block the PIN."
echo 999999 >wrong.txt
for try in first second third; do
    if run cardmint pin verify --pin-file wrong.txt $on; then
        echo "demo: the $try wrong PIN was taken" >&2
        exit 1
    fi
done

say "The help desk has the admin key. It answers the card's challenge, and a new PIN is set."
echo 314159 >new-pin.txt
mkfifo challenge response
printf '   $ %s\n' "cardmint pin unblock --new-pin-file new-pin.txt $on   # the card holder"
cardmint pin unblock --new-pin-file new-pin.txt $on <>response >challenge 2>.err &
holder=$!
exec 3<challenge
read -r label asked <&3
printf '     %s %s\n' "$label" "$asked"
run cardmint admin respond "$asked" --admin-key-file admin-key.txt
cat .out >response
wait "$holder" || { cat .err >&2; exit 1; }
sed 's/^/     /' <&3
run cardmint pin verify --pin-file new-pin.txt $on

printf '\n'
if [ -n "$kept" ]; then
    cp new-pin.txt "$CARDMINT_HOME/$card.pin"
    cp admin-key.txt "$CARDMINT_HOME/$card.admin-key"
    echo "The card is kept: CARDMINT_HOME=$CARDMINT_HOME, $card.pin, $card.admin-key"
fi
echo "Success: blank card, PIN, keys, certificates, verified signature, decrypted message,"
echo "agreed key, PIN unblocked."
