#!/bin/sh
# SPDX-License-Identifier: MIT
# bochs.sh -- in a judge's cell: boot /built/kernel.elf with /guest.cpio in Bochs,
# from a CD image by GRUB; bochs.sh KERNEL-OPTIONS.  Standard output is what came
# over the serial line.  /run-bochs is writable; /boot-iso is kernel/tests/bochs.sh.
set -eu
dir=/run-bochs
mkdir -p "$dir/tree/boot/grub"
cp /built/kernel.elf /guest.cpio "$dir/tree/boot/"
cat >"$dir/tree/boot/grub/grub.cfg" <<END
set timeout=0
menuentry "Returns Twice" {
    multiboot2 /boot/kernel.elf $1
    module2 /boot/guest.cpio
}
END
TMPDIR=$dir grub-mkrescue -d /usr/lib/grub/i386-pc --fonts= --locales= \
    --themes= --compress=no -o "$dir/iso" "$dir/tree" >"$dir/iso.log" 2>&1 || {
    tail -n 5 "$dir/iso.log"
    exit 1
}
sh /boot-iso "$dir/iso" "$dir/serial" || tail -n 5 "$dir/serial.bochs/screen"
tail -c 8000 "$dir/serial" | tr -d '\r'
