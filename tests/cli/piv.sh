#!/bin/sh
# SPDX-License-Identifier: MIT
# card new --profile: PIV cards, and what their secrets must be.
. "$(dirname "$0")/lib.sh"

PUK=87654321 ODD=12345a SHORT=12345 LONG=123456789
export PUK ODD SHORT LONG

# What makes no sense makes no card.
no 2 "gids, piv or both" card new half --profile opgp --pin env:PIN
no 2 "pin or none" card new half --profile piv --admin-path maybe --pin env:PIN --puk env:PUK
no 2 "for PIV cards" card new half --admin-path none --pin env:PIN
no 2 "unblocked by its PUK" card new half --profile piv --unblock admin --pin env:PIN --puk env:PUK
no 2 "without PIN" card new half --profile piv --blank --admin-path none
no 2 "no PUK given" card new half --profile piv --pin env:PIN
no 2 "PIN of a PIV card has 6 to 8 digits" card new half --profile piv --pin env:ODD --puk env:PUK
no 2 "PIN of a PIV card has 6 to 8 digits" card new half --profile both --pin env:SHORT --puk env:PUK
no 2 "PIN of a PIV card has 6 to 8 digits" card new half --profile piv --pin env:LONG --puk env:PUK
no 2 "PUK of a PIV card has 6 to 8 char" card new half --profile piv --pin env:PIN --puk env:SHORT
no 2 "PUK of a PIV card has 6 to 8 char" card new half --profile piv --pin env:PIN --puk env:LONG
no 5 "no card half" card info half

# 3DES weak keys are refused by the card, and nothing stays.
WEAK=010101010101010101010101010101010101010101010101
export WEAK
no 2 "out of range" card new half --profile piv --pin env:PIN --puk env:PUK --admin-key env:WEAK
no 5 "no card half" card info half

# The answer to reset tells what to ask the card for first.
ok card new p --profile piv --pin env:PIN --puk env:PUK
said '^admin key, shown only this once: [0-9a-f]{48}$'
said 'card p: made, ready to use, inserted'
ok card info p
said '3b *88 *80 *01 *6d *69 *6e *74 *2d *70 *69 *76'
ok card new g --profile gids --pin env:PIN -q --no-insert
ok card info g
said '3b *88 *80 *01 *63 *61 *72 *64 *6d *69 *6e *74'
ok card new b --profile both --unblock puk --pin env:PIN --puk env:PUK --aes -q --no-insert
ok card info b
said '6d *69 *6e *74 *2d *70 *69 *76'
ok card new b2 --profile both --pin env:PIN --puk env:PUK --admin-path none -q --no-insert
ok card new raw --profile piv --blank --no-insert
said 'made, blank$'

finish
