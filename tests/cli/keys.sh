#!/bin/sh
# SPDX-License-Identifier: MIT
# Containers, certificates, signatures, decryption; openssl is the referee.
. "$(dirname "$0")/lib.sh"
doc=$SOURCE/LICENSE

ok card new alice --pin env:PIN --admin-key-out key
ok container create one --type rsa:2048 --pin env:PIN
said 'container 0 "one": RSA-2048 key exchange key, the default'
ok container create two --type rsa:1024 --signature --pin env:PIN
ok container create --type rsa:1024 --pin env:PIN -q
must "a random name is printed" test "$(wc -c <out)" -ge 20
guid=$(cat out)
ok container list
said ' one \* +2048 bits +-'
said ' two +- +1024 bits'

# Public keys: PEM and DER, by name, by number.
ok container public-key one -o one.pem
ok container public-key 0 --der -o one.der
must "openssl reads the key" openssl pkey -pubin -in one.pem -noout
must "PEM and DER are the same" sh -c 'openssl pkey -pubin -in one.pem -outform DER | cmp - one.der'
ok container public-key two -o two.pem

# Signatures: each hash, default container, other container, file and standard input.
for hash in sha1 sha256 sha384 sha512; do
    ok sign --hash $hash --pin env:PIN -o sig "$doc"
    must "openssl verifies $hash" openssl dgst -$hash -verify one.pem -signature sig "$doc"
done
ok sign --container two --pin env:PIN "$doc" -o sig
must "signature key" openssl dgst -sha256 -verify two.pem -signature sig "$doc"
"$CARDMINT" sign --pin env:PIN <"$doc" >sig 2>err && pass || bad "stdin to stdout"
must "stdin to stdout" openssl dgst -sha256 -verify one.pem -signature sig "$doc"
head -c 3000000 /dev/urandom >big
ok sign --pin env:PIN -o sig big
must "a large file" openssl dgst -sha256 -verify one.pem -signature sig big

# Decryption: each padding.
echo "Meet me at the reader." >msg
encrypt() { openssl pkeyutl -encrypt -pubin -inkey one.pem -in msg -out enc "$@" 2>err; }
encrypt
ok decrypt --pin env:PIN enc
must "pkcs1" cmp msg out
encrypt -pkeyopt rsa_padding_mode:oaep
ok decrypt --padding oaep --pin env:PIN enc
must "oaep" cmp msg out
no 1 "" decrypt --pin env:PIN enc
encrypt -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256
ok decrypt --padding oaep-sha256 --container one --pin env:PIN -o plain enc
must "a plaintext is its owner's" test "$(stat -c %a plain)" = 600
must "oaep-sha256" cmp msg plain
{ printf '\0\0'; head -c 254 /dev/urandom; } >raw
openssl pkeyutl -encrypt -pubin -inkey one.pem -in raw -out enc -pkeyopt rsa_padding_mode:none
ok decrypt --padding none --pin env:PIN enc
must "no padding" cmp raw out
no 5 "signature key does not decrypt" decrypt --container two --pin env:PIN enc

# Certificates: PEM and DER in and out, replaced, refused for another key.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem \
    -subj /CN=CA -days 2 2>err
issue() {
    openssl x509 -new -force_pubkey "$1" -subj "/CN=$2" -CA ca.pem -CAkey ca.key -days 1 \
        -out "$3" 2>err
}
issue one.pem first one.crt
issue one.pem second one2.crt
issue two.pem two two.crt
ok cert write one one.crt --pin env:PIN
ok cert read one -o back
must "the certificate comes back" cmp one.crt back
openssl x509 -in one2.crt -outform DER -out one2.der
ok cert write one one2.der --pin env:PIN
ok cert read one --der -o back
must "DER, replaced" cmp one2.der back
ok cert write two two.crt --signature --pin env:PIN
ok cert read two
must "of the signature key" cmp two.crt out
no 1 "not for the key" cert write one two.crt --pin env:PIN
ok cert read one --der -o back
must "and the old one stays" cmp one2.der back
ok container list
said ' one \* +2048 bits, cert'

# Gone is gone; the others stay.
ok container delete one --pin env:PIN
no 5 "container one" container public-key one
ok container delete "$guid" --pin env:PIN
ok sign --container two --pin env:PIN "$doc" -o sig
must "the other key still signs" openssl dgst -sha256 -verify two.pem -signature sig "$doc"
ok container list
must "one container is left" test "$(grep -c bits out)" = 1
finish
