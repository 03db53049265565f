#!/bin/sh
# SPDX-License-Identifier: MIT
# Keys imported from files: what the policy forbids, what is no key, each form, a full card.
. "$(dirname "$0")/lib.sh"
doc=$SOURCE/LICENSE
PASSWORD='open sesame' WRONG=sesame
export PASSWORD WRONG

printf 'AllowPrivate%sKeyImport = yes\n' Exchange Signature ECDHE ECDSA >allow.conf
new_ec() { openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:$1" -out "$2" 2>err; }
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem 2>err
for curve in 256 384 521; do new_ec P-$curve ec$curve.pem; done

# dump FOLDER: every file of the card, and what the card tells of its containers.
dump() {
    mkdir -p "$1"
    "$CARDMINT" file ls --json --pin env:PIN >"$1/ls"
    "$CARDMINT" container list --json >"$1/containers"
    "$PYTHON" -c "import json, sys
for f in json.load(open(sys.argv[1])):
    print(f['path'])" "$1/ls" | while read -r path; do
        "$CARDMINT" file read "$path" --pin env:PIN >"$1/$(echo "$path" | tr / .)" </dev/null
    done
}
# unchanged TITLE: the card is as at the last dump ./before.
unchanged() {
    rm -rf after
    dump after
    must "$1: the card is as before" diff -r before after
}

# The policy: nothing is imported unless it says so, kind by kind; before a PIN is looked at.
ok card new alice --pin env:PIN --admin-key-out key -q
dump before
for file in cardid cardcf cardapps; do must "the dump has $file" test -s before/$file; done
must "the dump has the map" test -e before/mscp.cmapfile
no 7 "AllowPrivateExchangeKeyImport = yes" container import rsa.pem k --pin env:WRONG
no 7 "AllowPrivateSignatureKeyImport = yes" container import rsa.pem k -s --pin env:WRONG
no 7 "AllowPrivateECDHEKeyImport = yes" container import ec256.pem k --pin env:WRONG
no 7 "AllowPrivateECDSAKeyImport = yes" container import ec256.pem k -s --pin env:WRONG
no 7 "AllowPrivateECDSAKeyImport = yes" container import ec256.pem k -s --pin env:WRONG \
    --set AllowPrivateECDHEKeyImport=yes
no 7 "RequireOnCardPrivateKeyGen = no" container import rsa.pem k --pin env:WRONG \
    --config allow.conf --set RequireOnCardPrivateKeyGen=yes
unchanged "policy"
CARDMINT_CONFIG=$dir/allow.conf
export CARDMINT_CONFIG

# No key, half a key, another kind of key.
no 1 "nowhere: No such file" container import nowhere k --pin env:PIN
no 1 "no private key" container import "$doc" k --pin env:PIN
: >empty
no 1 "no private key" container import empty k --pin env:PIN
head -c 70000 /dev/zero >long
no 1 "too long" container import long k --pin env:PIN
head -c 700 rsa.pem >half.pem
no 1 "no private key" container import half.pem k --pin env:PIN
openssl pkey -in rsa.pem -outform DER -out rsa.der
head -c 700 rsa.der >half.der
no 1 "no private key" container import half.der k --pin env:PIN
openssl pkey -in rsa.pem -pubout -out public.pem
no 1 "no private key" container import public.pem k --pin env:PIN
openssl genpkey -algorithm ED25519 -out ed.pem
no 1 "no private key|size or curve" container import ed.pem k --pin env:PIN
new_ec secp256k1 k1.pem
no 1 "size or curve" container import k1.pem k --pin env:PIN
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:512 -out small.pem 2>err
no 1 "size or curve" container import small.pem k --pin env:PIN
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1088 -out odd.pem 2>err
no 1 "size or curve" container import odd.pem k --pin env:WRONG
no 1 "^cardmint: standard input holds no private key" container import - k --pin env:WRONG

# Numbers that do not match: the coefficient changed, the public point of another key.
"$PYTHON" - <<'PYTHON'
def damage(source, target, offset):
    data = bytearray(open(source, "rb").read())
    data[offset] ^= 2
    open(target, "wb").write(data)

damage("rsa.der", "number.der", -10)
PYTHON
no 1 "do not belong together|no private key" container import number.der k --pin env:PIN
openssl ec -in ec256.pem -outform DER -out ec256.der 2>err
new_ec P-256 other.pem
openssl ec -in other.pem -outform DER -out other.der 2>err
{ head -c 56 ec256.der; tail -c 65 other.der; } >mixed.der
must "the mixed key is as long" test "$(wc -c <mixed.der)" = "$(wc -c <ec256.der)"
no 1 "do not belong together|no private key" container import mixed.der k --pin env:PIN

# A password that lacks or is wrong.
openssl pkcs8 -topk8 -in rsa.pem -passout env:PASSWORD -out locked.pem
openssl pkcs8 -topk8 -in ec384.pem -passout env:PASSWORD -outform DER -out locked.der
openssl rsa -in rsa.pem -traditional -aes128 -passout env:PASSWORD -out old.pem 2>err
for file in locked.pem locked.der old.pem; do
    no 2 "no password given" container import $file k --pin env:PIN
    no 1 "password is wrong" container import $file k --pin env:PIN --password env:WRONG
done
unchanged "no key"

# Each form; and the card then signs with it.
# imports NAME FILE KEY [OPTIONS]
imports() {
    name=$1 file=$2 key=$3
    shift 3
    ok container import "$file" "$name" --pin env:PIN "$@"
    ok container public-key "$name" -o card.pem
    openssl pkey -in "$key" -pubout -out file.pem
    must "$file: the public key" cmp card.pem file.pem
    ok sign -c "$name" --pin env:PIN -o sig "$doc"
    must "$file: the card signs with it" openssl dgst -sha256 -verify file.pem -signature sig "$doc"
}
echo "$PASSWORD" >password
openssl rsa -in rsa.pem -traditional -out rsa.old.pem 2>err
openssl rsa -in rsa.pem -traditional -outform DER -out rsa.old.der 2>err
imports pem rsa.pem rsa.pem
imports der rsa.der rsa.pem
imports trad rsa.old.pem rsa.pem
imports trad-der rsa.old.der rsa.pem
imports old old.pem rsa.pem --password env:PASSWORD
imports locked locked.pem rsa.pem --password-file password
imports signature rsa.pem rsa.pem --signature
for curve in 256 384 521; do
    openssl ec -in ec$curve.pem -outform DER -out ec.der 2>err
    imports ec$curve ec$curve.pem ec$curve.pem
    imports ec$curve-der ec.der ec$curve.pem --signature
done
imports locked-ec locked.der ec384.pem --password-file password
"$CARDMINT" -q container import - stdin --pin env:PIN <rsa.pem >out 2>err && pass || bad "stdin"
ok container list
said ' stdin '
ok -q container import ec256.pem --pin env:PIN
must "a random name is printed" test "$(wc -c <out)" -ge 20

# A name that is taken; a second key beside the first.
rm -rf before
dump before
no 1 "has such a key already" container import ec256.pem pem --pin env:PIN
no 1 "has such a key already" container import rsa.pem signature -s --pin env:PIN
unchanged "name taken"
ok container import ec521.pem pem --signature --pin env:PIN
ok container public-key pem --signature -o card.pem
openssl pkey -in ec521.pem -pubout -out file.pem
must "the second key" cmp card.pem file.pem
ok container public-key pem -o card.pem
openssl pkey -in rsa.pem -pubout -out file.pem
must "the first key stays" cmp card.pem file.pem
ok card remove alice --yes

# A full card refuses the key, and every file of it is as before.
ok card new small --pin env:PIN --capacity 8192 -q
ok container import ec256.pem one --pin env:PIN
head -c 500 /dev/zero >fill
n=0
while "$CARDMINT" -q file write f$n fill --pin env:PIN >out 2>err; do n=$((n + 1)); done
must "the card is full" test $n -ge 2 -a $n -lt 20
rm -rf before
dump before
no 6 "full|room|space" container import rsa.pem two --pin env:PIN
unchanged "full card"
no 6 "full|room|space" container import rsa.pem one --signature --pin env:PIN
unchanged "full card, second key"
ok sign -c one --pin env:PIN -o sig "$doc"
finish
