#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/setup.sh build|test: installs the Debian packages that are lacking, and says so.
# Does nothing, quickly, when all are there. Uses sudo where it is not root.
set -eu

build="gcc libc6-dev cmake ninja-build pkg-config libssl-dev libsqlite3-dev libpcsclite-dev
       zlib1g-dev libjson-c-dev libxml2-dev openssl"
tests="libcmocka-dev clang gcc-mingw-w64-x86-64-win32 gcc-mingw-w64-i686-win32 libz-mingw-w64-dev binutils g++
       opensc yubico-piv-tool pcscd vsmartcard-vpcd iproute2 python3 mandoc libclang-rt-14-dev"

case ${1:-} in
build) want=$build ;;
test) want="$build $tests" ;;
*) echo "usage: scripts/setup.sh build|test" >&2; exit 2 ;;
esac

lacking=
for p in $want; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || lacking="$lacking $p"
done
[ -n "$lacking" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "setup: this is no Debian; please install what these Debian packages hold:$lacking" >&2
    exit 1
fi
run=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "setup: as root, please run: apt-get install$lacking" >&2; exit 1; }
    run=sudo
fi
echo "setup: installing with apt:$lacking"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
if ! { $run apt-get update -qq && $run apt-get install -y -qq --no-install-recommends $lacking; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "setup: apt could not install the packages above" >&2
    exit 1
fi
