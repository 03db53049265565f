#!/bin/sh
# SPDX-License-Identifier: MIT
# The library as it is installed: header from C and C++, pkg-config, and the example that signs.
#
# CC, CXX (may be empty), FLAGS (of a build with sanitizers), SOURCE, BUILD (of CMake), OUTPUT (its
# bin/ and lib/).
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset CARDMINT_CONFIG XDG_CONFIG_HOME CARDMINT_PCSC
export HOME="$work" CARDMINT_HOME="$work/home" NO_COLOR=1

cmake --install "$BUILD" --component host --prefix "$work/usr" >/dev/null
export PKG_CONFIG_PATH="$work/usr/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
cflags=$(pkg-config --cflags cardmint-host)
libs=$(pkg-config --libs cardmint-host)

# shellcheck disable=SC2086 # flags are words
$CC -std=c11 -Wall -Wextra -Wpedantic -Werror $FLAGS $cflags "$SOURCE/examples/host-sign.c" $libs \
    -o "$work/host-sign"
if [ -n "$CXX" ]; then
    printf '#include <cardmint/host.h>\nint main() { return host_says(0) == nullptr; }\n' \
        >"$work/host.cc"
    # shellcheck disable=SC2086
    $CXX -std=c++11 -Wall -Wextra -Wpedantic -Werror $FLAGS $cflags "$work/host.cc" $libs \
        -o "$work/host-cc"
    "$work/host-cc"
fi
# what host.h declares, and nothing else, is to be seen
seen=$(nm -g --defined-only "$work/usr/lib/libcardmint-host.a" | awk 'NF == 3 { print $3 }')
for name in $seen; do
    grep -q "\<$name(" "$work/usr/include/cardmint/host.h" ||
        { echo "installed: $name is visible and not in host.h" >&2; exit 1; }
done
echo "$seen" | grep -q '^host_sign$'

mkdir -p "$work/.config/cardmint"
printf '# all this program is told\nmodule = %s\npcsc = %s\n' "$OUTPUT/lib/cardmint.so" \
    "$OUTPUT/lib/softreader/libpcsclite.so.1" >"$work/.config/cardmint/cardmint.conf"
echo 123456 >"$work/pin"
echo 654321 >"$work/wrong"
cardmint=$OUTPUT/bin/cardmint
"$cardmint" -q card new test --pin-file "$work/pin" --admin-key-out "$work/key"
"$cardmint" -q container create mykey --type rsa:1024 --pin-file "$work/pin"
"$cardmint" -q container public-key mykey -o "$work/public.pem"
if "$work/host-sign" mykey "$0" <"$work/wrong" >"$work/sig" 2>"$work/says"; then exit 1; fi
grep -q 'tries left: 2' "$work/says"
[ ! -s "$work/sig" ]
if "$work/host-sign" nokey "$0" <"$work/pin" >"$work/sig" 2>/dev/null; then exit 1; fi
"$work/host-sign" mykey "$0" <"$work/pin" >"$work/sig"
openssl dgst -sha256 -verify "$work/public.pem" -signature "$work/sig" "$0" >"$work/says"
grep -q '^Verified OK$' "$work/says"
echo "nonsense = 1" >>"$work/.config/cardmint/cardmint.conf"
if "$work/host-sign" mykey "$0" <"$work/pin" 2>"$work/says"; then exit 1; fi
grep -q 'cardmint.conf, line 4: ' "$work/says"
