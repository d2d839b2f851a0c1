#!/bin/sh
# SPDX-License-Identifier: MIT
# both.sh -- a test of explorer/tests/defects.c on both of its subjects: the
# model of the original, and libsplit.  usage: both.sh NN
# Where the model has no end, the test ends it.  Chapter 7.
set -eu
./defects-ours | sed -n "s/^defect-$1 /it ought to be that /p"
echo "the original's behaviour:"
./defects-model "defect-$1" | sed 's/^#/ /' || :
if ./defects-ours "defect-$1" | sed 's/^#/ /'; then
    echo "libsplit: it is"
fi
