#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh -- the kernel under gdb, stopped before its first instruction:
# run.sh KERNEL-OPTIONS [GDB-OPTION...]
#
# QEMU's debug port is a socket in build/kernel/, so two people can do this
# on one machine.  The console is a terminal of its own, whose name is shown;
# SERIAL=file:NAME writes it to a file instead.  KERNEL, ARCHIVE and MEMORY (in
# MB) take the place of the usual ones.  QEMU ends with gdb.
set -eu
options=$1
shift
dir=$(mktemp -d "${TMPDIR:-/tmp}/twice-gdb.XXXXXX")
qemu=
# shellcheck disable=SC2329
clean() {
    [ -z "$qemu" ] || kill "$qemu" 2>/dev/null || :
    rm -rf "$dir"
}
trap clean EXIT
trap : INT  # gdb's: it stops the kernel
trap 'exit 143' TERM HUP
kernel=${KERNEL:-build/kernel/kernel.elf}
# A session of its own: QEMU would end at the terminal's ^C.
setsid setpriv --pdeathsig KILL "${QEMU:-qemu-system-x86_64}" \
    -kernel "$kernel" -initrd "${ARCHIVE:-build/kernel/archive.cpio}" \
    -append "$options" -m "${MEMORY:-64}" \
    -icount shift=5,sleep=off -nodefaults -display none -no-reboot \
    -device isa-debug-exit,iobase=0xf4,iosize=4 -S \
    -serial "${SERIAL:-pty}" \
    -chardev "socket,id=gdb,path=$dir/gdb,server=on,wait=off" \
    -gdb chardev:gdb </dev/null >"$dir/qemu" 2>&1 &
qemu=$!
until [ -S "$dir/gdb" ]; do
    kill -0 "$qemu" 2>/dev/null || { cat "$dir/qemu" >&2; exit 1; }
    sleep 0.05
done
sed -n 's/^char device redirected to \([^ ]*\).*/The console: screen \1/p' \
    "$dir/qemu"
status=0
${GDB:-gdb} -q "$kernel" -ex "set pagination off" \
    -ex "set confirm off" -ex "set remotetimeout 300" -x kernel/gdb/kernel.py \
    -ex "target remote $dir/gdb" "$@" || status=$?
exit "$status"
