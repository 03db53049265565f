#!/bin/sh
# SPDX-License-Identifier: MIT
# Signatures in every form: hashes, PSS, raw blocks, ready hashes; standard input and output.
. "$(dirname "$0")/lib.sh"
doc=$SOURCE/LICENSE
WRONG=999999
export WRONG

ok card new alice --pin env:PIN --admin-key-out key -q
ok container create rsa --type rsa:2048 --pin env:PIN
ok container create short --type rsa:1024 --pin env:PIN
ok container create ec --type p256 --signature --pin env:PIN
for name in rsa short ec; do ok container public-key $name -o $name.pem; done
for hash in md5 sha1 sha256 sha384 sha512; do
    openssl dgst -$hash -binary -out hash.$hash "$doc"
done

# What does not fit together: exit code 2, and no signature.
no 2 "not known" sign --hash sha3 --pin env:PIN "$doc" -o sig
no 2 "one of them" sign --pss --raw --pin env:PIN "$doc" -o sig
no 2 "no --hash" sign --raw --hash sha256 --pin env:PIN "$doc" -o sig
no 2 "no --hash, no --digest" sign --raw --digest --pin env:PIN "$doc" -o sig
no 2 "for --pss" sign --salt 32 --pin env:PIN "$doc" -o sig
no 2 "say --digest" sign --hash none --pin env:PIN "$doc" -o sig
no 2 "needs to know the hash" sign --hash none --digest --pss --pin env:PIN hash.sha256 -o sig
no 2 "from 0 to" sign --pss --salt -1 --pin env:PIN "$doc" -o sig
no 2 "from 0 to" sign --pss --salt 1e2 --pin env:PIN "$doc" -o sig
no 2 "shorter --salt" sign --pss --salt 223 --pin env:PIN "$doc" -o sig
no 2 "shorter --salt" sign -c short --pss --hash sha512 --pin env:PIN "$doc" -o sig --salt 63
no 2 "not as long" sign --digest --hash sha512 --pin env:PIN hash.sha256 -o sig
no 2 "not as long" sign --digest --pin env:PIN /dev/null -o sig
no 2 "256 bytes" sign --raw --pin env:PIN hash.sha256 -o sig
no 2 "128 bytes" sign -c short --raw --pin env:PIN hash.sha256 -o sig
no 2 "shorter --salt or --hash" sign -c short --pss --hash sha512 --pin env:WRONG "$doc" -o sig
head -c 118 /dev/urandom >long
no 2 "1 to 117 bytes" sign -c short --digest --hash none --pin env:WRONG long -o sig
no 2 "1 to 245 bytes" sign --digest --hash none --pin env:WRONG /dev/null -o sig
no 2 "1 to 66 bytes" sign -c ec --digest --hash none --pin env:WRONG long -o sig
no 2 "1 to 66 bytes" sign -c ec --digest --hash none --pin env:WRONG /dev/null -o sig

# A raw block has the length of the key that signs, and is a number below its modulus.
ok container create both --type rsa:1024 --pin env:PIN
ok container create both --type rsa:2048 --signature --pin env:PIN
no 2 "key: 256 bytes" sign -c both -s --raw --pin env:WRONG hash.sha256 -o sig
no 2 "key: 128 bytes" sign -c both --raw --pin env:WRONG hash.sha256 -o sig
head -c 256 /dev/zero | tr '\0' '\377' >block
no 2 "below the key's modulus" sign --raw --pin env:WRONG block -o sig
openssl rsa -pubin -in rsa.pem -noout -modulus | sed 's/.*=//' |
    "$PYTHON" -c "import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))" >block
must "the modulus itself" test "$(wc -c <block)" = 256
no 2 "below the key's modulus" sign --raw --pin env:WRONG block -o sig
no 1 "too long" sign --digest --pin env:PIN "$CARDMINT" -o sig
no 1 "nowhere" sign --digest --pin env:PIN nowhere -o sig
no 5 "signature key" sign -c rsa --signature --pin env:PIN "$doc" -o sig
no 4 "2 tries left" sign --pin env:WRONG "$doc" -o sig
must "no signature" test ! -e sig

# PKCS#1 v1.5 and ECDSA with every hash, of the file or ready.
for hash in md5 sha1 sha256 sha384 sha512; do
    for name in rsa short ec; do
        ok sign -c $name --hash $hash --pin env:PIN -o sig "$doc"
        must "$name, $hash" openssl dgst -$hash -verify $name.pem -signature sig "$doc"
        ok sign -c $name --hash $hash --digest --pin env:PIN -o sig hash.$hash
        must "$name, a ready $hash" openssl dgst -$hash -verify $name.pem -signature sig "$doc"
    done
done

# PSS: the salt as long as the hash, and others.
pss() { # HASH SALT KEY
    openssl dgst "-$1" -verify "$3.pem" -sigopt rsa_padding_mode:pss \
        -sigopt "rsa_pss_saltlen:$2" -signature sig "$doc"
}
for hash in sha1:20 sha256:32 sha384:48 sha512:64; do
    ok sign --pss --hash ${hash%:*} --pin env:PIN -o sig "$doc"
    must "PSS $hash" pss ${hash%:*} ${hash#*:} rsa
    must "PSS $hash is no PKCS#1 v1.5" test "$(openssl dgst -${hash%:*} -verify rsa.pem \
        -signature sig "$doc" 2>&1 | head -n 1)" != "Verified OK"
done
for salt in 0 8 222; do
    ok sign --pss --salt $salt --pin env:PIN -o sig "$doc"
    must "salt of $salt" pss sha256 $salt rsa
done
ok sign -c short --pss --hash sha512 --salt 62 --pin env:PIN -o sig "$doc"
must "the longest salt of a short key" pss sha512 62 short
ok sign --pss --digest --hash sha384 --pin env:PIN -o sig hash.sha384
must "PSS of a ready hash" pss sha384 48 rsa
ok sign --pss --pin env:PIN -o other "$doc"
ok sign --pss --pin env:PIN -o sig "$doc"
must "the salt is random" test "$(sha256sum <sig)" != "$(sha256sum <other)"

# Without DigestInfo, and without padding.
ok sign --hash none --digest --pin env:PIN -o sig "$SOURCE/VERSION"
openssl pkeyutl -verifyrecover -pubin -inkey rsa.pem -in sig -out back 2>err
must "no DigestInfo: the input comes back" cmp back "$SOURCE/VERSION"
{ printf '\0'; head -c 255 /dev/urandom; } >block
ok sign --raw --pin env:PIN -o sig block
openssl pkeyutl -encrypt -pubin -inkey rsa.pem -pkeyopt rsa_padding_mode:none -in sig \
    -out back 2>err
must "raw: the block comes back" cmp back block
no 2 "are for RSA" sign -c ec --raw --pin env:PIN -o sig2 hash.sha256
no 2 "are for RSA" sign -c ec --pss --pin env:PIN -o sig2 "$doc"

# Standard input and output, both ways of saying it.
"$CARDMINT" sign --pin env:PIN <"$doc" >sig 2>err && pass || bad "stdin to stdout"
must "stdin to stdout" openssl dgst -sha256 -verify rsa.pem -signature sig "$doc"
"$CARDMINT" sign --digest --pin env:PIN - -o - <hash.sha256 >sig 2>err && pass || bad "- to -"
must "- to -" openssl dgst -sha256 -verify rsa.pem -signature sig "$doc"
: >nothing
"$CARDMINT" sign --pin env:PIN nothing >sig 2>err && pass || bad "an empty file"
must "an empty file" openssl dgst -sha256 -verify rsa.pem -signature sig nothing
finish
