# SPDX-License-Identifier: MIT
# What the tests of the command line share. Sourced; needs CARDMINT, SOURCE, BUILD, PYTHON.
set -eu
: "${CARDMINT:?}" "${SOURCE:?}" "${BUILD:?}" "${PYTHON:?}"

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
CARDMINT_HOME=$dir/home
CARDMINT_PCSC=soft
PIN=271828
export CARDMINT_HOME CARDMINT_PCSC PIN
unset XDG_DATA_HOME 2>/dev/null || true
cd "$dir"

passed=0 failed=0
pass() { passed=$((passed + 1)); }
bad() {
    failed=$((failed + 1))
    printf 'FAILED: %s\n' "$1"
    sed 's/^/  stdout: /' out 2>/dev/null || true
    sed 's/^/  stderr: /' err 2>/dev/null || true
}

# must TITLE COMMAND...: a condition.
must() {
    title=$1
    shift
    if "$@" >/dev/null 2>&1; then pass; else bad "$title"; fi
}

# ok ARGUMENTS...: cardmint succeeds and says nothing on stderr. Its output is in ./out.
ok() {
    status=0
    "$CARDMINT" "$@" >out 2>err </dev/null || status=$?
    if [ "$status" != 0 ]; then bad "cardmint $*: exit code $status"
    elif [ -s err ]; then bad "cardmint $*: something on stderr"
    else pass; fi
}

# no CODE PATTERN ARGUMENTS...: cardmint fails with this exit code, and says so in one line that
# matches, on stderr.
no() {
    code=$1 pattern=$2
    shift 2
    status=0
    "$CARDMINT" "$@" >out 2>err </dev/null || status=$?
    if [ "$status" != "$code" ]; then bad "cardmint $*: exit code $status, not $code"
    elif [ "$(wc -l <err)" != 1 ]; then bad "cardmint $*: not one line on stderr"
    elif ! grep -q '^cardmint: ' err; then bad "cardmint $*: another form of line"
    elif ! grep -qE "$pattern" err; then bad "cardmint $*: no /$pattern/"
    elif [ -s out ]; then bad "cardmint $*: something on stdout"
    else pass; fi
}

# said PATTERN: the output of the last ok has it.
said() {
    if grep -qE "$1" out; then pass; else bad "no /$1/ in the output"; fi
}

finish() {
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}
