#!/bin/sh
# SPDX-License-Identifier: MIT
# dialogue_piv.sh READER: OpenSC's programs with a PIV card as from the factory in READER.
. "$(dirname "$0")/lib.sh"
reader=$1
needs opensc-tool piv-tool yubico-piv-tool pkcs11-tool pkcs15-tool openssl
cd "$dir"
export OPENSC_CONF=$dir/opensc.conf # no cache of an earlier card
printf 'app default { framework pkcs15 { use_file_caching = no; } }\n' >"$OPENSC_CONF"

p11() { # WHAT ARGUMENTS: with the PIN
    what=$1
    shift
    run "$what" pkcs11-tool --login --pin 123456 "$@"
}
# certificate NAME: NAME.crt for the public key NAME.pem
certificate() {
    run "openssl certifies $1" openssl x509 -new -force_pubkey "$1.pem" -subj "/CN=$1" -CA ca.crt \
        -CAkey ca.key -days 30 -out "$1.crt"
}
run "a CA" openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=CA -days 30

run "the card is recognised" opensc-tool -n
says "^Personal Identity Verification Card$"
run "the ATR" opensc-tool -a
says "^3b:88:80:01:6d:69:6e:74:2d:70:69:76:55$"
run "the serial number, the GUID" opensc-tool --serial
says "^([0-9A-F]{2} ){6}4[0-9A-F] [0-9A-F]{2} [89AB]"
run "the token" pkcs11-tool -L
says "$reader"
says "token label +: PIV_II"
says "token initialized, PIN initialized"

# piv-tool writes certificates as the admin, by mutual authentication. Two things it does not do here, in
# OpenSC 0.23 with OpenSSL 3 and on no card: external authentication (-A A ends in an "internal error"
# before the challenge is answered), and keys (-G makes one, but then cannot say its public half).
export PIV_EXT_AUTH_KEY=$dir/admin
echo "08:07:06:05:04:03:02:01:01:02:03:04:05:06:07:08:01:02:03:04:05:06:07:08" >admin
refused "the wrong admin key" piv-tool -A M:9B:03
echo "01:02:03:04:05:06:07:08:01:02:03:04:05:06:07:08:01:02:03:04:05:06:07:08" >admin
run "mutual authentication" piv-tool -A M:9B:03
# make NAME SLOT ALG: a key on the card, NAME.pem, and a certificate, NAME.crt
make() {
    run "a key in $2" yubico-piv-tool -r "$reader" -a generate -s "$2" -A "$3" -o "$1.pem"
    certificate "$1"
    refused "it has no certificate" yubico-piv-tool -r "$reader" -a read-certificate -s "$2"
    # Its exit code is a length, good or bad.
    piv-tool -A M:9B:03 -C "$2" -i "$1.crt" >out 2>&1 || true
    run "now it has" yubico-piv-tool -r "$reader" -a read-certificate -s "$2" -o read.crt
    run "that one" cmp read.crt "$1.crt"
}
make auth 9a RSA2048
make sign 9c ECCP256
make manage 9d ECCP256
make card 9e RSA2048

# 9E once more, compressed: clients do not notice.
run "a certificate is compressed" sh -c "openssl x509 -in card.crt -outform der | gzip -n >card.gz"
piv-tool -A M:9B:03 -Z 9E -i card.gz >out 2>&1 || true
run "and read" pkcs15-tool --read-certificate 04 -o read.crt
run "as it was" cmp read.crt card.crt

run "keys and certificates" pkcs15-tool --list-certificates
says "Certificate for PIV Authentication"
says "Certificate for Digital Signature"
says "Certificate for Key Management"
says "Certificate for Card Authentication"
p11 "as PKCS#11 objects" -O
says "PIV AUTH key"
says "always authenticate"
says "EC_POINT 256 bits"

printf 'signed by a card that is a file' >msg
run "RSA: the public key" pkcs11-tool -r --type pubkey --id 01 -o auth.pub
p11 "RSA: a signature" --sign --mechanism SHA256-RSA-PKCS --id 01 -i msg -o sig
run "RSA: openssl verifies it" openssl dgst -sha256 -verify auth.pem -signature sig msg
says "Verified OK"
run "RSA: openssl encrypts" openssl pkeyutl -encrypt -pubin -inkey auth.pem -in msg -out secret
p11 "RSA: the card decrypts" --decrypt --mechanism RSA-PKCS --id 01 -i secret -o opened
run "RSA: to what it was" cmp msg opened
# 9C asks for the PIN once more, just before it signs.
run "ECDSA: the digest" openssl dgst -sha256 -binary -out hash msg
p11 "ECDSA: a signature" --sign --mechanism ECDSA --signature-format openssl --id 02 -i hash -o sig
run "ECDSA: openssl verifies it" openssl pkeyutl -verify -pubin -inkey sign.pem -in hash -sigfile sig
says "Signature Verified Successfully"
run "ECDH: another's key" openssl ecparam -name prime256v1 -genkey -noout -out peer.key
run "ECDH: its public half" openssl pkey -in peer.key -pubout -outform der -out peer.der
p11 "ECDH: the card's secret" --derive --mechanism ECDH1-DERIVE --id 03 -i peer.der -o ours
run "ECDH: the other's secret" openssl pkeyutl -derive -inkey peer.key -peerkey manage.pem -out theirs
run "ECDH: are the same" cmp ours theirs
p11 "9E: a signature" --sign --mechanism SHA256-RSA-PKCS --id 04 -i msg -o sig
run "9E: openssl verifies it" openssl dgst -sha256 -verify card.pem -signature sig msg

# It finds no fault: random numbers are the witnesses of mutual authentication.
p11 "pkcs11-tool's own test" --test
says "all 4 signature functions seem to work"
says "SHA256-RSA-PKCS: OK"
says "RSA-PKCS-OAEP"
says "^No errors$"

p11 "the PIN is changed" --change-pin --new-pin 654321
says "PIN successfully changed"
refused "the old PIN" pkcs11-tool --login --pin 123456 -O
says "CKR_PIN_INCORRECT"
run "one try is gone" pkcs15-tool --list-pins
run "the new PIN" pkcs11-tool --login --pin 654321 -O
for try in 1 2 3; do
    refused "wrong PIN $try" pkcs11-tool --login --pin 999999 -O
    says "CKR_PIN_INCORRECT|CKR_PIN_LOCKED"
done
refused "the right PIN, too late" pkcs11-tool --login --pin 654321 -O
refused "unblocking with a wrong PUK" pkcs15-tool --unblock-pin --auth-id 01 --puk 99999999 \
    --new-pin 222222
run "unblocking" pkcs15-tool --unblock-pin --auth-id 01 --puk 12345678 --new-pin 222222
run "the PIN it was given" pkcs11-tool --login --pin 222222 -O

# A data object that is free to read, and one that is not.
run "CHUID" pkcs15-tool --read-data-object 2.16.840.1.101.3.7.2.48.0
says "D4 ?E7 ?39 ?DA|53 ?3B ?30 ?19"
finish
