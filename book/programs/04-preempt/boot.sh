#!/bin/sh
# SPDX-License-Identifier: MIT
# boot.sh -- boot one of chapter 4's kernels on virtual time:
#   boot.sh KERNEL OPTION... [-- PROGRAM ARG...]
# KERNEL: stuck (as the investigator met it), kernel (ours) or policies (with
# the option policy=).  The program is fork-test 30000 if none is named.  Prints
# what comes out of the serial line.  QEMU_OPTIONS: more of them, for QEMU.
set -eu
kernel=$1
shift
case " $* " in
*" -- "*) ;;
*) set -- "$@" -- fork-test 30000 ;;
esac
options='limit=5000'
case " $* " in
*" limit="*) options= ;;
esac
while [ "$1" != -- ]; do
    options="$options $1"
    shift
done
shift
program=/bin/$1
shift
status=0
# shellcheck disable=SC2086
sh qemu.sh -t -k "$kernel.elf" -a archive.cpio \
    "$options -- $program $*" ${QEMU_OPTIONS:-} \
    </dev/null >serial 2>qemu.log || status=$?
[ "$status" = 0 ] || { cat qemu.log >&2; echo "exit status $status"; }
tr -d '\r' <serial | grep -v 'frames free, .* Hz\|init has ended' || :
