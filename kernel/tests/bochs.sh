#!/bin/sh
# SPDX-License-Identifier: MIT
# bochs.sh -- boot a CD image in Bochs: bochs.sh ISO SERIAL-OUTPUT-FILE
# Debian's Bochs has its debugger on, which wants a command ("c", go on) and a
# terminal; the kernel ends it by writing "Shutdown" to port 0x8900.
set -eu
iso=$1
serial=$2
dir=$serial.bochs
rm -rf "$dir" "$serial"
mkdir -p "$dir"
cat >"$dir/rc" <<END
megs: 64
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
cpu: model=corei5_lynnfield_750, ips=50000000
clock: sync=none, time0=utc
ata0-master: type=cdrom, path="$iso", status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev="$serial"
display_library: term
log: "$dir/log"
panic: action=fatal
error: action=ignore
info: action=ignore
debug: action=ignore
END
echo c >"$dir/commands"
TERM=${TERM:-vt100}
export TERM
timeout "${TIMEOUT:-200}" script -qec \
    "bochs -q -unlock -f '$dir/rc' -rc '$dir/commands'" /dev/null \
    </dev/null >"$dir/screen" 2>&1 || :
[ -s "$serial" ]
