#!/bin/sh
# SPDX-License-Identifier: MIT
# iso.sh -- a CD image that boots the kernel by GRUB: iso.sh OUT OPTIONS
# (multiboot2; the options are the kernel's).
set -eu
out=$1
tree=$out.tree
rm -rf "$tree"
mkdir -p "$tree/boot/grub"
cp build/kernel/kernel.elf build/kernel/archive.cpio "$tree/boot/"
cat >"$tree/boot/grub/grub.cfg" <<END
set timeout=0
menuentry "Returns Twice" {
    multiboot2 /boot/kernel.elf $2
    module2 /boot/archive.cpio
}
END
grub-mkrescue -o "$out" "$tree" >"$out.log" 2>&1 || {
    tail -n 5 "$out.log" >&2
    exit 1
}
rm -rf "$tree"
