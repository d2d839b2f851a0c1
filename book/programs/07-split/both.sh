#!/bin/sh
# SPDX-License-Identifier: MIT
# both.sh -- a test of explorer/tests/defects.c on both of its subjects: the
# model of the original, and libsplit.  usage: both.sh NN
# Where the model has no end, it is not waited for long.  Chapter 7.
set -eu
case $1 in
01 | 05) limit=4 ;;
*) limit=300 ;;
esac
./defects-ours | sed -n "s/^defect-$1 /it ought to be that /p"
echo "the original's behaviour:"
./defects-model "defect-$1" "$limit" | sed 's/^#/ /' || :
if ./defects-ours "defect-$1" | sed 's/^#/ /'; then
    echo "libsplit: it is"
fi
