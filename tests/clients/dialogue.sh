#!/bin/sh
# SPDX-License-Identifier: MIT
# dialogue.sh READER: Debian's own smart card programs talk to a blank card in READER, whatever
# brings it: the software reader (softreader.sh) or pcscd (with-pcscd.sh).
. "$(dirname "$0")/lib.sh"
reader=$1
admin=404142434445464748494A4B4C4D4E4F5051525354555657
new_admin=000102030405060708090A0B0C0D0E0F1011121314151617
needs opensc-tool gids-tool pkcs11-tool pkcs15-tool openssl

run "readers are listed" opensc-tool -l
says "^[0-9]+ +Yes +.*$reader"
run "the card is recognised" opensc-tool -n
says "GIDS Smart Card"
run "the ATR" opensc-tool -a
says "^3b:"

run "a blank card is initialised" gids-tool --initialize --pin 123456 --admin-key $admin \
    --serial-number 00112233445566778899AABBCCDDEEFF
run "the serial number" opensc-tool --serial
says "^00 11 22 33 44 55 66 77 88 99 AA BB CC DD EE FF"
run "the token" pkcs11-tool -L
says "$reader"
says "token initialized, PIN initialized"

run "an RSA key is generated on the card" pkcs11-tool --login --pin 123456 --keypairgen \
    --key-type rsa:2048 --id 01 --label key-one
says "Key pair generated"
run "the key is found again" pkcs11-tool --login --pin 123456 -O
says "key-one"
says "RSA 2048 bits"
# OpenSC numbers keys by container when it reads a card.
run "the public key" pkcs11-tool -r --type pubkey --id 00 -o "$dir/pub.der"
run "the public key is one" openssl pkey -pubin -inform der -in "$dir/pub.der" -noout

run "pkcs11-tool's own test" pkcs11-tool --test --login --pin 123456
says "all 4 signature functions seem to work"
says "SHA256-RSA-PKCS: OK"
# OpenSC's GIDS driver has no random numbers and calls that an error of its test; one is all.
says "^1 errors"
says "C_GenerateRandom failed: CKR_FUNCTION_NOT_SUPPORTED"

printf 'signed by a card that is a file' >"$dir/msg"
run "a signature" pkcs11-tool --login --pin 123456 --sign --mechanism SHA256-RSA-PKCS --id 00 \
    -i "$dir/msg" -o "$dir/sig"
run "openssl verifies it" openssl dgst -sha256 -verify "$dir/pub.der" -keyform der \
    -signature "$dir/sig" "$dir/msg"
says "Verified OK"
run "openssl encrypts" openssl pkeyutl -encrypt -pubin -inkey "$dir/pub.der" -keyform der \
    -in "$dir/msg" -out "$dir/encrypted"
run "the card decrypts" pkcs11-tool --login --pin 123456 --decrypt --mechanism RSA-PKCS --id 00 \
    -i "$dir/encrypted" -o "$dir/decrypted"
run "to what it was" cmp "$dir/msg" "$dir/decrypted"

run "the PIN is changed" pkcs11-tool --login --pin 123456 --change-pin --new-pin 654321
says "PIN successfully changed"
refused "the old PIN" pkcs11-tool --login --pin 123456 -O
says "CKR_PIN_INCORRECT"
run "one try is gone" pkcs15-tool --list-pins
says "Tries left +: 2"
run "the new PIN" pkcs11-tool --login --pin 654321 -O
run "the tries are back" pkcs15-tool --list-pins
says "Tries left +: 3"

for try in 1 2 3; do
    refused "wrong PIN $try" pkcs11-tool --login --pin 999999 -O
    says "CKR_PIN_INCORRECT"
done
refused "the right PIN, too late" pkcs11-tool --login --pin 654321 -O
says "CKR_PIN_LOCKED|CKR_TOKEN_NOT_RECOGNIZED|CKR_PIN_INCORRECT"
refused "unblocking with another admin key" gids-tool --unblock --admin-key $new_admin --pin 777777
refused "the PIN is blocked still" pkcs11-tool --login --pin 777777 -O
run "unblocking" gids-tool --unblock --admin-key $admin --pin 222222
says "Unblock PIN done successfully"
run "the PIN it was given" pkcs11-tool --login --pin 222222 --sign --mechanism SHA256-RSA-PKCS \
    --id 00 -i "$dir/msg" -o "$dir/sig"
run "openssl verifies that too" openssl dgst -sha256 -verify "$dir/pub.der" -keyform der \
    -signature "$dir/sig" "$dir/msg"

run "the admin key is changed" gids-tool --change-admin-key --admin-key $admin \
    --new-admin-key $new_admin
run "and is the one that counts" gids-tool --unblock --admin-key $new_admin --pin 333333
refused "the old one does not" gids-tool --unblock --admin-key $admin --pin 444444

finish
