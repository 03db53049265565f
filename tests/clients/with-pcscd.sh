#!/bin/sh
# SPDX-License-Identifier: MIT
# with-pcscd.sh COMMAND...: runs COMMAND beside a pcscd of its own with a vpcd reader, then stops
# it. With CARDMINT_PLUG="PROGRAM ARGUMENTS", `PROGRAM ARGUMENTS 127.0.0.1 PORT` plugs a card in
# first; without, COMMAND finds the port in VPCD_PORT.
#
# vpcd listens on all addresses and pcscd has one fixed socket, so all of this runs in namespaces of
# its own where they can be had: a network that is nothing but a loopback, and a /run that nobody
# else sees. Where they cannot, pcscd takes its usual socket, and must not be running already.
set -eu
: "${CARDMINT_PCSCD:=/usr/sbin/pcscd}"
driver=${CARDMINT_VPCD:-/usr/lib/pcsc/drivers/serial/libifdvpcd.so}
for needed in "$CARDMINT_PCSCD" "$driver"; do
    [ -e "$needed" ] || { echo "with-pcscd: $needed is lacking"; exit 1; }
done

for tool in ip opensc-tool; do
    command -v "$tool" >/dev/null || { echo "with-pcscd: $tool is lacking"; exit 1; }
done

if [ "${CARDMINT_IN_NAMESPACE:-}" = "" ]; then
    if unshare -rnm true 2>/dev/null; then
        CARDMINT_IN_NAMESPACE=yes exec unshare -rnm sh "$0" "$@"
    fi
    CARDMINT_IN_NAMESPACE=no
    if [ -e /run/pcscd/pcscd.comm ]; then
        echo "with-pcscd: no namespaces to be had, and a pcscd is running; stop that first"
        exit 1
    fi
elif [ "$CARDMINT_IN_NAMESPACE" = yes ]; then
    ip link set lo up
    mount -t tmpfs none /run
fi
mkdir -p /run/pcscd

work=$(mktemp -d)
pcscd= plug=
stop() {
    for pid in $plug $pcscd; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 1' HUP INT TERM

# vpcd takes this port and the next one, one for each of its two slots.
VPCD_PORT=${VPCD_PORT:-35963}
export VPCD_PORT
mkdir "$work/conf"
cat >"$work/conf/vpcd" <<END
FRIENDLYNAME "Virtual PCD"
DEVICENAME   /dev/null:$(printf '0x%X' "$VPCD_PORT")
LIBPATH      $driver
CHANNELID    $(printf '0x%X' "$VPCD_PORT")
END

"$CARDMINT_PCSCD" --foreground --info --config "$work/conf" >"$work/pcscd.log" 2>&1 &
pcscd=$!
# wait_until WHAT COMMAND...: up to ten seconds.
wait_until() {
    what=$1
    shift
    for try in $(seq 100); do
        "$@" >/dev/null 2>&1 && return
        kill -0 "$pcscd" 2>/dev/null || break
        sleep 0.1
    done
    echo "with-pcscd: $what"
    cat "$work/pcscd.log"
    exit 1
}
ready() { grep -q 'daemon ready' "$work/pcscd.log"; }
wait_until "pcscd does not start" ready
if [ -n "${CARDMINT_PLUG:-}" ]; then
    $CARDMINT_PLUG 127.0.0.1 "$VPCD_PORT" &
    plug=$!
    inserted() { opensc-tool -l | grep -q 'Yes.*Virtual PCD 00 00'; }
    wait_until "the card does not show up" inserted
fi

# Not exec: the trap is still to run.
"$@"
