#!/bin/sh
# SPDX-License-Identifier: MIT
# boot.sh -- boot our kernel on virtual time: boot.sh OPTIONS [KERNEL].  What
# stands on its serial line comes out here; then, if it is not 0, qemu.sh's
# status.  Used by the runs of chapter 2 and by try.sh.
status=0
sh kernel/qemu.sh -t -k "${2:-kernel.elf}" -a archive.cpio "$1" \
    </dev/null >serial 2>/dev/null || status=$?
tr -d '\r' <serial | grep -v 'frames free, .* Hz'
[ "$status" = 0 ] || echo "exit status $status"
