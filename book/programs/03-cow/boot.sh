#!/bin/sh
# SPDX-License-Identifier: MIT
# boot.sh -- boot our kernel with one program of chapter 3:
#   boot.sh [-1] [-c COW.c] [-o OPTIONS] PROGRAM
#
# Compiles guest/PROGRAM.c with the kernel's small C library, packs it into an
# archive with init, and shows what it prints.  -c puts another cow.c into the
# kernel, -o is for the kernel's command line; with -1 the program is process 1
# itself, and there is no init.  Run where the transcripts run:
# with the objects of the kernel and its sources (kernel/) beside it.
set -eu
cow=
options=
first=
while getopts 1c:o: opt; do
    case $opt in
    1) first=yes ;;
    c) cow=$OPTARG ;;
    o) options=$OPTARG ;;
    *) exit 64 ;;
    esac
done
shift $((OPTIND - 1))
warn='-Wall -Wextra -Werror'
kernel=kernel.elf
if [ -n "$cow" ]; then
    cp "$cow" mutant.c
    # These are lists of words.
    # shellcheck disable=SC2046,SC2086
    gcc $(cat cflags) $warn -Ikernel -c -o mutant.o mutant.c
    set -- "$1" mutant.o
    for object in *.o; do
        case $object in
        cow.o | mutant.o | guest.o | init.o | crt.o | rt.o) ;;
        *) set -- "$@" "$object" ;;
        esac
    done
    program=$1
    shift
    sh kernel/link.sh mutant.elf "$@"
    set -- "$program"
    kernel=mutant.elf
fi
rm -rf root
mkdir -p root/bin
# shellcheck disable=SC2086
gcc -std=c11 -O2 -ffreestanding -fno-pic -fno-pie -fno-stack-protector \
    -fcf-protection=none -fno-asynchronous-unwind-tables \
    -fno-tree-loop-distribute-patterns $warn -Ikernel/user \
    -c -o guest.o "guest/$1.c"
for name in init "$1"; do
    object=guest.o
    [ "$name" != init ] || [ -n "$first" ] || object=init.o
    gcc -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack \
        -Wl,-z,max-page-size=4096 -o "root/bin/$name" "$object" crt.o rt.o
done
(cd root && find . | LC_ALL=C sort |
    cpio --quiet -o -H newc --reproducible -R 0:0) >root.cpio
status=0
sh kernel/qemu.sh -t -k "$kernel" -a root.cpio \
    "probe=on $options -- /bin/$1" </dev/null >console || status=$?
# What the kernel says of its start and its end is the same for all.
tr -d '\r' <console | sed '/^kernel: Returns Twice/d; /^kernel: init has/d'
exit "$status"
