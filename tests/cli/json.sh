#!/bin/sh
# SPDX-License-Identifier: MIT
# --json: valid, and with the members scripts rely on.
. "$(dirname "$0")/lib.sh"

# json PYTHON-EXPRESSION ARGUMENTS...: j is the document.
json() {
    expression=$1
    shift
    ok "$@" --json
    "$PYTHON" -c "import json, sys
j = json.load(open('out'))
sys.exit(not ($expression))" 2>err && pass || bad "cardmint $* --json: $expression"
}

json 'j == []' card list
json 'j == []' readers
ok card new alice --pin env:PIN -q
ok card new bob --pin env:PIN -q --no-insert
json '[(c["name"], c["inserted"]) for c in j] == [("alice", True), ("bob", False)]' card list
json 'j["name"] == "bob" and j["inserted"] is False and j["image_bytes"] > 0' card info bob
json 'j["image"].endswith("/cards/alice.card") and bytes.fromhex(j["atr"])[0] == 0x3B' card info alice
json 'any("alice" in r["name"] and r["card"] and r["atr"].startswith("3b") for r in j)' readers
json 'j["interface_version"] == 7 and len(j["card_id"]) == 32 and j["read_only"] is False' info
json 'j["rsa_bits"]["most"] >= 2048 and (j["free_bytes"] is None or j["free_bytes"] > 0)' info
json '{f["path"] for f in j} >= {"cardid", "cardcf", "mscp/cmapfile"}' file ls
json 'all(f["bytes"] >= 0 and f["access"] for f in j if f["path"] == "cardid")' file ls
json 'j == []' container list
ok container create 'a "b" /c' --type rsa:1024 --pin env:PIN
json '[(c["index"], c["name"], c["default"]) for c in j] == [(0, "a \"b\" /c", True)]' container list
json 'j[0]["key_exchange"] == {"bits": 1024, "certificate": False} and j[0]["signature"] is None' \
    container list
finish
