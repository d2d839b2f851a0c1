#!/bin/sh
# SPDX-License-Identifier: MIT
# record.sh -- record the run that `make rewind-4` replays: record.sh DIRECTORY.
# The snapshot of its beginning goes to rr.qcow2 there, the log to rr.bin.  The
# machine is that of book/sessions/04-preempt/rewind.session.
set -eu
dir=$1
at=build/book/programs/04-preempt
status=0
qemu-system-x86_64 -kernel $at/stuck.elf -initrd $at/archive.cpio -m 16 \
    -append "hz=50 path=26000 slow-who=forked limit=400 -- /bin/fork-test 2000" \
    -icount shift=5,rr=record,rrfile="$dir/rr.bin",rrsnapshot=init \
    -net none -nodefaults -display none -no-reboot \
    -serial "file:$dir/recorded" -device isa-debug-exit,iobase=0xf4,iosize=4 \
    -drive "file=$dir/rr.qcow2,if=none,id=rr" || status=$?
[ "$status" = 33 ] || {
    echo "record.sh: QEMU ended with $status instead of 33" >&2
    exit 1
}
