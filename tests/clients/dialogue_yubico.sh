#!/bin/sh
# SPDX-License-Identifier: MIT
# dialogue_yubico.sh READER: Debian's yubico-piv-tool with a PIV card as from the factory in READER.
# Certificates are made by openssl: this version of the tool signs none itself where OpenSSL is
# version 3, whatever the card (its issue 388).
. "$(dirname "$0")/lib.sh"
reader=$1
new_key=000102030405060708090A0B0C0D0E0F1011121314151617
needs yubico-piv-tool openssl
cd "$dir"

# A YubiKey's reader is found by its name; -r says that any will do.
y() { run "$1" yubico-piv-tool -r "$reader" $2; }
no() { refused "$1" yubico-piv-tool -r "$reader" $2; }
# certificate NAME: NAME.crt for the public key NAME.pem
certificate() {
    run "openssl certifies $1" openssl x509 -new -force_pubkey "$1.pem" -subj "/CN=$1" -CA ca.crt \
        -CAkey ca.key -days 30 -out "$1.crt"
}
run "a CA" openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=CA -days 30

y "the readers" "-a list-readers"
says "$reader"
y "the version" "-a version"
says "^Application version 5\.7\.0 found\.$"
y "an empty card" "-a status"
says "^Serial Number:.[0-9]+$"
says "^CHUID:.3019d4e739da739c.*3410[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}3508"
says "^CCC:.f015a000000116ff02"
says "^PIN tries left:.3$"

# 9A: RSA, generated on the card.
no "no key without the right management key" "--key=$new_key -a generate -s 9a"
says "Failed authentication with the application"
y "RSA 2048 in 9a" "-a generate -s 9a -A RSA2048 -o auth.pem"
says "Successfully generated a new private key"
certificate auth
y "its certificate" "-a import-certificate -s 9a -i auth.crt"
says "Successfully imported a new certificate"
no "a signature without PIN" "-a test-signature -s 9a -i auth.crt"
says "Failed signing test data"
y "a signature" "-a verify-pin -P 123456 -a test-signature -s 9a -i auth.crt"
says "Successful RSA verification"
y "deciphering" "-a verify-pin -P 123456 -a test-decipher -s 9a -i auth.crt"
says "Successfully performed RSA decryption"

# 9C: EC; the PIN before each signature.
y "P-256 in 9c" "-a generate -s 9c -A ECCP256 -o sign.pem"
certificate sign
y "its certificate" "-a import-certificate -s 9c -i sign.crt"
y "a signature" "-a verify-pin -P 123456 -a test-signature -s 9c -i sign.crt"
says "Successful ECDSA verification"
no "two with one PIN" "-a verify-pin -P 123456 -a test-signature -a test-signature -s 9c -i sign.crt"

# 9D: EC key agreement; 9E: an RSA key of elsewhere, no PIN; 82: a retired one.
y "P-384 in 9d" "-a generate -s 9d -A ECCP384 -o manage.pem"
certificate manage
y "its certificate" "-a import-certificate -s 9d -i manage.crt"
y "key agreement" "-a verify-pin -P 123456 -a test-decipher -s 9d -i manage.crt"
says "Successfully performed ECDH exchange with card"
run "a key of elsewhere" openssl genrsa -out card.key 2048
run "its public half" openssl pkey -in card.key -pubout -out card.pem
certificate card
y "is imported to 9e" "-a import-key -s 9e -i card.key"
says "Successfully imported a new private key"
y "its certificate" "-a import-certificate -s 9e -i card.crt"
y "a signature, no PIN" "-a test-signature -s 9e -i card.crt"
says "Successful RSA verification"
run "an EC key of elsewhere" openssl ecparam -name prime256v1 -genkey -noout -out old.key
run "its public half" openssl pkey -in old.key -pubout -out old.pem
certificate old
y "is imported to 82" "-a import-key -s 82 -i old.key"
y "its certificate" "-a import-certificate -s 82 -i old.crt"
y "key agreement with it" "-a verify-pin -P 123456 -a test-decipher -s 82 -i old.crt"
says "Successfully performed ECDH exchange with card"
y "PIN policy never" "-a generate -s 83 -A ECCP256 --pin-policy=never -o free.pem"
certificate free
y "a signature with that" "-a test-signature -s 83 -i free.crt"
says "Successful ECDSA verification"

y "the status" "-a status"
for slot in 9a:RSA2048:auth 9c:ECCP256:sign 9d:ECCP384:manage 9e:RSA2048:card 82:ECCP256:old; do
    run "slot $slot" sh -c "yubico-piv-tool -r '$reader' -a status | grep -A2 '^Slot ${slot%%:*}:' |
        tr -d '\n'"
    says "Algorithm:.$(echo "$slot" | cut -d: -f2).Subject DN:.CN=${slot##*:}"
done
y "a certificate is read" "-a read-certificate -s 9a -o read.crt"
run "as it was written" cmp auth.crt read.crt
y "and deleted" "-a delete-certificate -s 9e"
no "and is gone" "-a read-certificate -s 9e -o read.crt"
says "Failed fetching certificate"
y "an object" "-a write-object --id 0x5fff20 -i auth.crt -f binary"
y "is read" "-a read-object --id 0x5fff20 -f binary -o read.crt"
run "as it was written" cmp auth.crt read.crt
y "a new CHUID" "-a set-chuid"
y "a new CCC" "-a set-ccc"

# PIN and PUK.
y "the PIN is changed" "-a change-pin -P 123456 -N 654321"
says "Successfully changed the pin code"
no "the old PIN" "-a verify-pin -P 123456"
says "Pin verification failed, 2 tries left"
y "the new PIN" "-a verify-pin -P 654321"
for left in 2 1; do
    no "a wrong PIN" "-a verify-pin -P 999999"
    says "$left tries left before pin is blocked"
done
no "the last wrong PIN" "-a verify-pin -P 999999"
says "Pin code blocked"
no "the right one, too late" "-a verify-pin -P 654321"
no "a wrong PUK" "-a unblock-pin -P 99999999 -N 111111"
y "unblocking" "-a unblock-pin -P 12345678 -N 111111"
says "Successfully unblocked the pin code"
y "the PIN it was given" "-a verify-pin -P 111111"
y "the PUK is changed" "-a change-puk -P 12345678 -N 87654321"
says "Successfully changed the puk code"
no "a PIN that is none" "-a change-pin -P 111111 -N abcdef"

# The management key, tries, reset.
y "a new management key" "-a set-mgm-key -n $new_key"
says "Successfully set new management key"
no "the old one" "-a set-chuid"
says "Failed authentication"
no "tries, without PIN" "--key=$new_key -a pin-retries --pin-retries 5 --puk-retries 4"
y "tries" "--key=$new_key -a verify-pin -P 111111 -a pin-retries --pin-retries 5 --puk-retries 4"
says "Successfully changed pin retries to 5 and puk retries to 4"
y "the PIN is the factory's" "-a verify-pin -P 123456"
no "no reset while there is a way in" "-a reset"
says "are pincodes blocked"
for i in 1 2 3 4 5; do no "blocking the PIN" "-a verify-pin -P 999999"; done
for i in 1 2 3 4; do no "blocking the PUK" "-a unblock-pin -P 99999999 -N 111111"; done
y "a reset" "-a reset"
says "Successfully reset the application"
y "the PIN, the management key and no key are there" "-a verify-pin -P 123456 -a set-chuid"
no "as from the factory" "-a read-certificate -s 9a"

finish
