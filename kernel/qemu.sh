#!/bin/sh
# SPDX-License-Identifier: MIT
# qemu.sh -- boot the kernel: qemu.sh [-a ARCHIVE] [-k KERNEL] [-m MB] [-t]
# KERNEL-OPTIONS-AS-ONE-WORD [QEMU-OPTION...]
#
# -t: for tests: virtual time, the same in every run, and a limit in seconds
# of the host's time (TIMEOUT).  The serial line is standard input and output.
# Exit status: 0 if init ended with 0, 1 if not, 2 after a panic, 124 if time
# ran out, else QEMU's own.
set -eu
kernel=build/kernel/kernel.elf
archive=build/kernel/archive.cpio
memory=64
clock=
limit=
while getopts a:k:m:t opt; do
    case $opt in
    a) archive=$OPTARG ;;
    k) kernel=$OPTARG ;;
    m) memory=$OPTARG ;;
    t) clock="-icount shift=5,sleep=off" limit="timeout ${TIMEOUT:-300}" ;;
    *) exit 64 ;;
    esac
done
shift $((OPTIND - 1))
options=${1-}
[ $# -eq 0 ] || shift
[ "${SERIAL:-}" != mon:stdio ] || [ ! -t 0 ] || echo "Ctrl-A x ends QEMU."
status=0
# $limit and $clock are lists of words.
# shellcheck disable=SC2086
$limit "${QEMU:-qemu-system-x86_64}" -kernel "$kernel" -initrd "$archive" \
    -append "$options" -m "$memory" $clock -nodefaults -display none \
    -serial "${SERIAL:-stdio}" -device isa-debug-exit,iobase=0xf4,iosize=4 \
    -no-reboot "$@" || status=$?
case $status in
33) exit 0 ;;
35) exit 1 ;;
37) exit 2 ;;
39) exit 124 ;;
*) exit "$status" ;;
esac
