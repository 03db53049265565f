# SPDX-License-Identifier: MIT
# What the dialogues share. Sourced; $dir is a folder of their own.
set -eu
passed=0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# needs TOOL...
needs() {
    for tool in "$@"; do
        command -v "$tool" >/dev/null || { echo "$0: $tool is lacking"; exit 1; }
    done
}
# run WHAT COMMAND...: must succeed; leaves what it printed in $dir/out.
run() {
    what=$1
    shift
    if ! "$@" >"$dir/out" 2>&1 </dev/null; then
        echo "FAILED: $what: $*"
        cat "$dir/out"
        exit 1
    fi
    passed=$((passed + 1))
}
# refused WHAT COMMAND...: must not.
refused() {
    what=$1
    shift
    if "$@" >"$dir/out" 2>&1 </dev/null; then
        echo "FAILED: $what: was not refused: $*"
        cat "$dir/out"
        exit 1
    fi
    passed=$((passed + 1))
}
says() {
    if ! grep -qE -- "$1" "$dir/out"; then
        echo "FAILED: $what: did not say '$1'"
        cat "$dir/out"
        exit 1
    fi
    passed=$((passed + 1))
}

finish() {
    echo "$passed passed, 0 failed"
}
