#!/bin/sh
# SPDX-License-Identifier: MIT
# pack.sh -- an archive for our kernel with init and one program of chapter 10:
# pack.sh PROGRAM DIRECTORY makes DIRECTORY/root.cpio.  Run at the top.
set -eu
user=build/kernel/user
gcc -std=c11 -O2 -ffreestanding -fno-pic -fno-pie -fno-stack-protector \
    -fcf-protection=none -fno-asynchronous-unwind-tables -Ikernel/user \
    -Ibook/programs/03-cow/guest -c -o "$2/guest.o" \
    "book/programs/10-price/guest/$1.c"
for name in init "$1"; do
    object=$2/guest.o
    [ "$name" != init ] || object=$user/init.o
    gcc -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack \
        -Wl,-z,max-page-size=4096 -o "$2/$name" "$object" $user/crt.o \
        $user/rt.o
done
build/kernel/pack "$2/root.cpio" dir:bin "file:bin/init=$2/init" \
    "file:bin/$1=$2/$1"
