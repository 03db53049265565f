#!/bin/sh
# SPDX-License-Identifier: MIT
# Elliptic curves: keys, signatures, agreements, every key derivation; openssl is the referee.
. "$(dirname "$0")/lib.sh"
doc=$SOURCE/LICENSE

ok card new alice --pin env:PIN --admin-key-out key -q
for curve in 256 384 521; do
    ok container create p$curve --type p$curve --pin env:PIN
    ok container create p$curve --type p$curve --signature --pin env:PIN
    ok container public-key p$curve -o kx$curve.pem
    ok container public-key p$curve --signature -o sig$curve.pem
    must "two keys" test "$(cat kx$curve.pem)" != "$(cat sig$curve.pem)"
    for side in kx sig; do
        openssl pkey -pubin -in $side$curve.pem -noout -text >out
        said "NIST CURVE: P-$curve"
    done
    ok sign -c p$curve --signature --pin env:PIN -o s "$doc"
    must "P-$curve signature key" openssl dgst -sha256 -verify sig$curve.pem -signature s "$doc"
    ok sign -c p$curve --hash sha512 --pin env:PIN -o s "$doc"
    must "P-$curve key exchange key" openssl dgst -sha512 -verify kx$curve.pem -signature s "$doc"
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-$curve -out peer$curve.key
    openssl pkey -in peer$curve.key -pubout -out peer$curve.pem
    openssl pkey -in peer$curve.key -pubout -outform DER -out peer$curve.der
    openssl pkeyutl -derive -inkey peer$curve.key -peerkey kx$curve.pem -out secret$curve
done
no 1 "has such a key already" container create p256 --type p256 --pin env:PIN
no 1 "has such a key already" container create p256 --type rsa:1024 -s --pin env:PIN
ok container list
said ' p521 +521 bits +521 bits'
ok container create rsa --type rsa:1024 --pin env:PIN
ok container create sign --type p256 --signature --pin env:PIN

# What cannot be agreed on.
WRONG=999999
export WRONG
head -c 64 /dev/urandom >seed
no 2 "whose public key" derive -c p256 --pin env:PIN --hex
no 2 "not known" derive -c p256 --pin env:PIN --hex --peer peer256.pem --kdf md5
no 2 "other options" derive -c p256 --pin env:PIN --hex --peer peer256.pem --seed 00
no 2 "other options" derive -c p256 --pin env:PIN --hex --peer peer256.pem --kdf tls-prf --append 00
no 2 "needs --label" derive -c p256 --pin env:PIN --hex --peer peer256.pem --kdf tls-prf
no 2 "named twice" derive -c p256 --pin env:PIN --hex --peer peer256.pem --prepend @- --append @-
no 2 "64 bytes" derive -c p256 --pin env:PIN --hex --peer peer256.pem --kdf tls-prf --label x \
    --seed 0011
no 2 "sha256 .default. or sha384" derive -c p256 --pin env:WRONG --hex --peer peer256.pem \
    --kdf tls12-prf --hash sha1 --label x --seed @seed
no 2 "no --hash" derive -c p256 --pin env:WRONG --hex --peer peer256.pem --kdf tls-prf \
    --hash sha256 --label x --seed @seed
no 1 "^cardmint: standard input is no public key" derive -c p256 --pin env:PIN --hex --peer -
no 2 "needs --algorithm-id" derive -c p256 --pin env:PIN --hex --peer peer256.pem --kdf sp800-56a
no 2 "multiple of 8" derive -c p256 --pin env:PIN --hex --peer peer256.pem --kdf sp800-56a \
    --algorithm-id 00 --party-u 01 --party-v 02 --bits 129
no 2 "hexadecimal" derive -c p256 --pin env:PIN --hex --peer peer256.pem --append 0x00
no 1 "nowhere" derive -c p256 --pin env:PIN --hex --peer peer256.pem --append @nowhere
no 1 "nowhere" derive -c p256 --pin env:PIN --hex --peer nowhere
no 2 "shows in .ps." derive -c p256 --pin env:PIN --hex --peer peer256.pem --kdf hmac \
    --hmac-key 00112233
no 2 "shows in .ps." derive -c p256 --pin env:PIN --hex --peer peer256.pem --kdf sp800-56a \
    --algorithm-id 00 --party-u 01 --party-v 02 --supp-priv 00112233
no 1 "no public key of the container.s curve" derive -c p256 --pin env:PIN --hex --peer peer384.pem
no 1 "no public key of the container.s curve" derive -c p256 --pin env:PIN --hex --peer "$doc"
head -c 128 /dev/zero >block
no 2 "elliptic curve key, which does not decrypt" decrypt -c p256 --pin env:WRONG block
no 5 "no elliptic curve key" derive -c sign --pin env:PIN --hex --peer peer256.pem
no 5 "no elliptic curve key" derive -c rsa --pin env:PIN --hex --peer peer256.pem
no 5 "container nobody" derive -c nobody --pin env:PIN --hex --peer peer256.pem
no 4 "2 tries left" derive -c p256 --pin env:WRONG --hex --peer peer256.pem -o derived
must "nothing was written" test ! -e derived

hex() { od -An -v -tx1 "$1" | tr -d ' \n'; }
# derives TITLE EXPECTED ARGUMENTS...: what the card derives is what openssl does, in hexadecimal.
derives() {
    title=$1 expected=$2
    shift 2
    ok derive --pin env:PIN "$@" -o derived
    must "$title" test "$(hex derived)" = "$expected" -a -n "$expected"
}
sum() { openssl dgst -"$1" -binary | od -An -v -tx1 | tr -d ' \n'; }
mac() { # HASH KEY
    openssl mac -digest "$1" -macopt "hexkey:$2" -in /dev/stdin HMAC 2>/dev/null | tr A-F a-f
}
printf 'before' >prepend
printf '\5' >five
for curve in 256 384 521; do
    on="-c p$curve --peer peer$curve.pem"
    secret=$(hex secret$curve)
    # shellcheck disable=SC2086 # $on is four words
    {
        derives "hash, P-$curve" "$(sum sha1 <secret$curve)" $on
        for hash in sha1 sha256 sha384 sha512; do
            derives "hash $hash" "$(sum $hash <secret$curve)" $on --hash $hash --kdf hash
            derives "hash $hash, more" "$( { printf before; cat secret$curve; printf '\1\2'; } |
                sum $hash)" $on --hash $hash --prepend @prepend --append 0102
            derives "hmac $hash" "$(mac $hash "$secret" <secret$curve)" $on --kdf hmac --hash $hash
            derives "hmac $hash, a key" "$( { cat secret$curve; printf '\1\2'; } |
                mac $hash "$(hex prepend)")" $on --kdf hmac --hash $hash \
                --hmac-key @prepend --append 0102
        done
        for row in "tls-prf MD5-SHA1" "tls12-prf SHA256" "tls12-prf SHA384"; do
            kdf=${row% *} digest=${row#* }
            openssl kdf -keylen 48 -kdfopt "digest:$digest" -kdfopt "hexsecret:$secret" \
                -kdfopt "seed:master secret" -kdfopt "hexseed:$(hex seed)" -binary -out want \
                TLS1-PRF
            [ "$digest" = MD5-SHA1 ] && hash= || hash="--hash $(echo "$digest" | tr A-Z a-z)"
            derives "$row" "$(hex want)" $on --kdf $kdf $hash --label "master secret" --seed @seed
        done
        info=aabb0102030405
        for hash in sha1 sha256 sha512; do
            openssl kdf -keylen 16 -kdfopt "digest:$hash" -kdfopt "hexsecret:$secret" \
                -kdfopt "hexinfo:$info" -binary -out want SSKDF
            derives "sp800-56a $hash" "$(hex want)" $on --kdf sp800-56a --hash $hash --bits 128 \
                --algorithm-id aabb --party-u 01 --party-v 02 --supp-pub 0304 --supp-priv @five
        done
    }
done

# Files, DER, the default container, hexadecimal on standard output.
ok derive --pin env:PIN -c p256 --peer peer256.der --hex
must "--hex" test "$(cat out)" = "$(sum sha1 <secret256)"
"$CARDMINT" derive --pin env:PIN --peer peer256.pem >derived 2>err && pass || bad "to stdout"
must "the default container" test "$(hex derived)" = "$(sum sha1 <secret256)"
ok derive --pin env:PIN --peer peer256.pem -o key.bin
must "a key is its owner's" test "$(stat -c %a key.bin)" = 600
ok container delete p256 --pin env:PIN
no 5 "container p256" derive -c p256 --pin env:PIN --peer peer256.pem --hex
finish
