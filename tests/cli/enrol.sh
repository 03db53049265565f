#!/bin/sh
# SPDX-License-Identifier: MIT
# Enrolment: a request signed by the card, the certificate of a CA; root certificates.
. "$(dirname "$0")/lib.sh"

ok card new alice --pin env:PIN --admin-key-out key -q
ok container create rsa --type rsa:2048 --pin env:PIN
for curve in 256 384 521; do
    ok container create "ec$curve" --type p$curve --signature --pin env:PIN
done

# What a request cannot be: said before the PIN.
WRONG=999999
export WRONG
no 2 "subject" cert request rsa --pin env:PIN
no 2 "subject" cert request rsa --subject "" --pin env:PIN
no 2 "subject" cert request rsa --subject Ada --pin env:PIN
no 2 "subject" cert request rsa --subject CN= --pin env:PIN
no 2 "subject" cert request rsa --subject "XY=Ada" --pin env:PIN
no 2 "backslash" cert request rsa --subject "CN=a+O=b" --pin env:PIN
no 2 "backslash" cert request rsa --subject 'CN="Ada"' --pin env:PIN
no 2 "backslash" cert request rsa --subject "CN=Ada;O=X" --pin env:PIN
no 2 "other names" cert request rsa --subject CN=Ada --alt-names host.example --pin env:PIN
no 2 "other names" cert request rsa --subject CN=Ada --alt-names email:nobody --pin env:PIN
for names in DNS: DNS:. DNS:a..b DNS:-a DNS:a- DNS:a_b DNS:a.\*.b 'DNS:a b' DNS:a/b email:@host email:ada@ \
    email:a@b@c UPN:@corp UPN:ada@ UPN:ada 'DNS:a,' "UPN:a$(printf '\001')@b"; do
    no 2 "other names: DNS:NAME .letters" cert request rsa --subject CN=Ada --alt-names "$names" \
        --pin env:WRONG
done
no 2 "control characters" cert request rsa --subject "CN=a$(printf '\001')b" --pin env:WRONG
no 2 "characters that it may not" cert request rsa --subject 'CN=a\01b' --pin env:WRONG
no 2 "sha256" cert request rsa --subject CN=Ada --hash md4 --pin env:PIN
no 2 "no request with ECDSA and md5" cert request ec256 --subject CN=Ada --hash md5 --pin env:WRONG
no 2 "one of them" cert request rsa --subject CN=Ada --pem --der --pin env:PIN
no 5 "container nobody" cert request nobody --subject CN=Ada --pin env:PIN
no 5 "signature key" cert request rsa --signature --subject CN=Ada --pin env:PIN

no 4 "2 tries left" cert request rsa --subject CN=Ada --pin env:WRONG -o request
must "no request of a wrong PIN" test ! -e request

# Requests that openssl verifies; the CA signs them; the certificate goes with its key alone.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem \
    -subj "/CN=Test authority" -days 2 2>err
echo "basicConstraints=CA:FALSE" >extensions
for name in rsa ec256 ec384 ec521; do
    ok cert request $name --subject "/CN=Ada $name/O=Engines" --pin env:PIN -o $name.csr \
        --alt-names "DNS:$name.example,email:ada@example.org,UPN:ada@corp.example"
    must "openssl verifies the request of $name" openssl req -in $name.csr -verify -noout
    openssl req -in $name.csr -noout -text -subject >out 2>err
    said "^subject=CN = Ada $name, O = Engines\$"
    said "DNS:$name.example, email:ada@example.org, othername: UPN::?ada@corp.example"
    openssl req -in $name.csr -noout -pubkey >asked.pem
    ok container public-key $name -o has.pem
    must "it asks for the key of $name" cmp asked.pem has.pem
    openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -days 1 -extfile extensions \
        -out $name.crt 2>err
done
for size in 256:256 384:384 521:512; do
    openssl req -in "ec${size%:*}.csr" -noout -text >out
    said "Signature Algorithm: ecdsa-with-SHA${size#*:}"
done

no 1 "not for the key" cert write rsa ec256.crt --pin env:PIN
no 1 "not for the key" cert write ec256 ec384.crt --pin env:PIN
no 1 "not for the key" cert write rsa ca.pem --pin env:PIN
no 5 "no certificate" cert read rsa
for name in rsa ec256 ec384 ec521; do
    ok cert write $name $name.crt --pin env:PIN
    ok cert read $name -o back.pem
    must "$name: the certificate comes back" cmp $name.crt back.pem
    must "$name: and the CA stands for it" openssl verify -CAfile ca.pem back.pem
done

# Another hash, DER, the order of RFC 4514, letters beyond ASCII, a comma in a name.
ok cert request rsa --subject 'C=DE,O=Engines\, Inc,CN=Ada Löwe' --hash sha512 --der \
    --pin env:PIN -o r.der
must "DER" openssl req -inform DER -in r.der -verify -noout
openssl req -inform DER -in r.der -noout -subject -text -nameopt utf8,sep_comma_plus,esc_2253 >out
said '^subject=C=DE,O=Engines\\, Inc,CN=Ada Löwe$'
said 'Signature Algorithm: sha512WithRSAEncryption'

ok cert request rsa --subject 'CN=a\+b\;c\"d' --alt-names 'DNS:*.a-1.example,DNS:localhost' \
    --pin env:PIN -o r.csr
openssl req -in r.csr -noout -subject -text -nameopt utf8,sep_comma_plus,esc_2253 >out
said '^subject=CN=a\\\+b\\;c\\"d$'
said 'DNS:\*\.a-1\.example, DNS:localhost$'

# Roots.
ok roots list
said 'no root certificates'
ok --quiet roots list
must "an empty list is quiet" test ! -s out
no 1 "is no X.509 certificate" roots add "$SOURCE/LICENSE" --pin env:PIN
no 2 "no fingerprint" roots remove nonsense --pin env:PIN
no 2 "no fingerprint" roots remove : --pin env:PIN
no 2 "at most 64 digits" roots remove "$(printf '%065d' 0)" --pin env:WRONG
no 2 "at most 64 digits" roots remove "$(printf '%0129d' 0)" --pin env:WRONG
no 5 "no root" roots remove "$(printf '%064d' 0 | sed 's/../&:/g')" --pin env:PIN
no 1 "^cardmint: standard input is no X.509" roots add - --pin env:PIN
no 1 "^cardmint: standard input is no X.509" cert write rsa - --pin env:PIN
no 5 "no root" roots remove 00 --pin env:PIN
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout other.key \
    -out other.pem -subj "/CN=Another authority" -days 2 2>err
openssl x509 -in other.pem -outform DER -out other.der
fingerprint() { openssl x509 -in "$1" -noout -fingerprint "-$2" | sed 's/.*=//'; }
no 4 "2 tries left" roots add ca.pem --pin env:WRONG
ok roots add ca.pem --pin env:PIN
ok roots add other.der --pin env:PIN
no 1 "already" roots add other.pem --pin env:PIN
ok roots list
sha256=$(fingerprint ca.pem sha256 | tr -d : | tr A-F a-f)
said "^$sha256  CN = Test authority\$"
said '  CN = Another authority$'
ok roots list --json
"$PYTHON" -c "import json
assert [r['subject'] for r in json.load(open('out'))] == ['CN = Test authority', \
    'CN = Another authority']" 2>err && pass || bad "roots list --json"
ok roots read -o roots.pem
openssl pkcs7 -in roots.pem -print_certs -out certs 2>err
must "openssl finds both" test "$(grep -c BEGIN certs)" = 2
ok roots read --der -o roots.der
must "DER" openssl pkcs7 -inform DER -in roots.der -print_certs -out certs
ok file read mscp/msroots
must "as it is on the card" cmp out roots.der
no 2 "no fingerprint" roots remove "" --pin env:PIN
digit=$(printf %.1s "$sha256")
cp other.pem twin.pem # until it begins like the first
while [ "$(fingerprint twin.pem sha256 | cut -c 1 | tr A-F a-f)" != "$digit" ]; do
    openssl req -x509 -key ca.key -subj "/CN=Twin" -days 2 -out twin.pem
done
"$CARDMINT" -q roots add twin.pem --pin env:PIN >out 2>err || true # it may be the other one
no 2 "more than one" roots remove "$digit" --pin env:PIN
ok roots remove "$(fingerprint twin.pem sha256)" --pin env:PIN
"$CARDMINT" -q roots add other.pem --pin env:PIN >out 2>err || true
ok roots remove "$(fingerprint other.pem sha1)" --pin env:PIN
no 5 "no root" roots remove "$(fingerprint other.pem sha256)" --pin env:PIN
ok roots remove "$(printf %.12s "$sha256")" --pin env:PIN
ok roots list
said 'no root certificates'

# A damaged file is told, and not overwritten.
ok roots add ca.pem --pin env:PIN
ok file read mscp/msroots -o good
head -c 100 good >damaged
ok file write mscp/msroots damaged --pin env:PIN
no 8 "msroots" roots list
no 8 "msroots" roots read
no 8 "msroots" roots add other.pem --pin env:PIN
no 8 "msroots" roots remove "$sha256" --pin env:PIN
ok file read mscp/msroots
must "it stays as it was" cmp out damaged
ok file rm mscp/msroots --pin env:PIN
ok roots add other.pem --pin env:PIN
finish
