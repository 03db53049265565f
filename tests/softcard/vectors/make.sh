#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes vectors.txt with the OpenSSL command line alone, none of our code:
#     sh make.sh > vectors.txt
#
#   ec CURVE d point peer_point shared      peer: the private key that begins with 21
#   cipher NAME ALG key challenge response kcv
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

hex() { od -An -v -tx1 | tr -d ' \n' | tr 'a-f' 'A-F'; }
unhex() { sed 's/../\\x&/g' | xargs -0 printf '%b'; }

# count FROM N: N bytes, each one more than the one before
count() {
    i=0
    while [ "$i" -lt "$2" ]; do
        printf '%02X' $((($1 + i) % 256))
        i=$((i + 1))
    done
}

# private OUT CURVE_OID d: an ECPrivateKey without public part; OpenSSL computes it
private() {
    cat > "$dir/asn1" <<EOF
asn1 = SEQUENCE:key
[key]
version = INTEGER:1
d = FORMAT:HEX,OCTETSTRING:$3
group = EXPLICIT:0,OID:$2
EOF
    openssl asn1parse -genconf "$dir/asn1" -noout -out "$dir/der"
    openssl ec -inform DER -in "$dir/der" -out "$1" 2>/dev/null
    openssl ec -in "$1" -pubout -out "$1.pub" 2>/dev/null
}

# point KEY BYTES: 04 X Y, the end of the SubjectPublicKeyInfo
point() { openssl ec -in "$1" -pubout -outform DER 2>/dev/null | tail -c "$2" | hex; }

ec() { # NAME OID FIELD LEADING
    d=$4$(count 1 $(($3 - ${#4} / 2)))
    peer=$4$(count 33 $(($3 - ${#4} / 2)))
    private "$dir/a" "$2" "$d"
    private "$dir/b" "$2" "$peer"
    size=$((2 * $3 + 1))
    printf 'ec %s %s %s %s ' "$1" "$d" "$(point "$dir/a" $size)" "$(point "$dir/b" $size)"
    openssl pkeyutl -derive -inkey "$dir/a" -peerkey "$dir/b.pub" | hex
    echo
}

cipher() { # NAME ALG KEY CHALLENGE
    zeros=$(printf '%s' "$4" | sed 's/./0/g')
    iv=00000000000000000000000000000000
    [ ${#4} -eq 16 ] && iv=0000000000000000
    printf 'cipher %s %s %s %s ' "$1" "$2" "$3" "$4"
    printf '%s' "$4" | unhex | openssl enc -e -"$1" -K "$3" -iv $iv -nopad | hex
    printf ' '
    printf '%s' "$zeros" | unhex | openssl enc -e -"$1" -K "$3" -iv $iv -nopad | head -c 3 | hex
    echo
}

echo "# SPDX-License-Identifier: MIT"
echo "# made by make.sh with OpenSSL"
ec P-256 prime256v1 32 ""
ec P-384 secp384r1 48 ""
ec P-521 secp521r1 66 00
cipher DES-EDE3-CBC 2 010203040506070801020304050607080102030405060708 A1A2A3A4A5A6A7A8
cipher DES-EDE3-CBC 2 000000000000000000000000000000000000000000000000 A1A2A3A4A5A6A7A8
cipher DES-EDE3-CBC 2 "$(count 64 24)" A1A2A3A4A5A6A7A8
cipher AES-128-CBC 3 "$(count 1 16)" "$(count 161 16)"
cipher AES-192-CBC 4 "$(count 1 24)" "$(count 161 16)"
cipher AES-256-CBC 5 "$(count 1 32)" "$(count 161 16)"
