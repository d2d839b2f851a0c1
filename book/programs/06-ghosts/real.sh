#!/bin/sh
# SPDX-License-Identifier: MIT
# real.sh -- the report's program under the real box64, measured: real.sh
# [OPTIONS OF box64-lab/repro/watch.c].  Called by chapter 6's transcripts.
set -eu
BOX64_DIR=$PWD/box64
export BOX64_DIR
exec ./watch ./main "$@"
