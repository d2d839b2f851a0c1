#!/bin/sh
# SPDX-License-Identifier: MIT
# real.sh -- the report's program under the real box64, measured: real.sh
# [OPTIONS OF box64-lab/repro/watch.c].  Called by chapter 6's transcripts.
set -eu
BOX64_DIR=$PWD/box64
export BOX64_DIR
# box64 asks lscpu for the machine's name; where there is no /sys, that complains.
{ ./watch ./main "$@" 2>&1 >&3 | sed '/^lscpu: /d' >&2; } 3>&1
