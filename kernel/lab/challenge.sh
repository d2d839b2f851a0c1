#!/bin/sh
# SPDX-License-Identifier: MIT
# challenge.sh -- the challenge of a test in the last grading, for gdb-N:
# challenge.sh RESULTS.JSON TEST [SEED].  1 if that grading had another seed, or
# did not run the test.
set -eu
results=$1
test=$2
seed=${3:-}
challenge=
if [ -r "$results" ] && { [ -z "$seed" ] || grep -q "\"$seed\"" "$results"; }
then
    challenge=$(sed -n "s/.*-- $test \([0-9a-f]\{16\}\)\".*/\1/p" "$results" |
        head -n 1)
fi
if [ -z "$challenge" ] && [ -n "$seed" ]; then
    echo "The last grading was not this one: with that seed, grade first." >&2
fi
echo "${challenge:-1}"
