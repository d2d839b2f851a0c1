#!/bin/sh
# SPDX-License-Identifier: MIT
# second.sh -- as boot.sh, on another machine: Bochs, from a CD image.
#   second.sh KERNEL OPTION... [-- PROGRAM ARG...]
# Its serial line takes its time by itself: no baud=.
set -eu
kernel=$1
shift
case " $* " in
*" -- "*) ;;
*) set -- "$@" -- fork-test 3000 ;;
esac
options=
while [ "$1" != -- ]; do
    options="$options $1"
    shift
done
shift
rm -rf cd cd.iso
mkdir -p cd/boot/grub
cp "$kernel.elf" cd/boot/kernel.elf
cp archive.cpio cd/boot/
cat >cd/boot/grub/grub.cfg <<END
set timeout=0
menuentry "Returns Twice" {
    multiboot2 /boot/kernel.elf limit=5000$options -- /bin/$*
    module2 /boot/archive.cpio
}
END
grub-mkrescue -o cd.iso cd >cd.log 2>&1
sh bochs.sh cd.iso serial
tr -d '\r' <serial | grep -v 'frames free, .* Hz\|init has ended'
