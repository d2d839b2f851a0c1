#!/bin/sh
# SPDX-License-Identifier: MIT
# bochs.sh -- in a judge's cell: boot /built/kernel.elf with /guest.cpio in Bochs,
# from a CD image by GRUB; bochs.sh KERNEL-OPTIONS.  Standard output is what came
# over the serial line.  /run-bochs is writable.  See kernel/tests/bochs.sh.
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
cat >"$dir/rc" <<END
megs: 32
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
cpu: model=corei5_lynnfield_750, ips=50000000
clock: sync=none, time0=utc
ata0-master: type=cdrom, path="$dir/iso", status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev="$dir/serial"
display_library: term
log: "$dir/log"
panic: action=fatal
error: action=ignore
info: action=ignore
debug: action=ignore
END
echo c >"$dir/commands"
TERM=vt100
export TERM
bochs -q -unlock -f "$dir/rc" -rc "$dir/commands" </dev/null \
    >"$dir/screen" 2>&1 || :
tail -c 8000 "$dir/serial" | tr -d '\r'
