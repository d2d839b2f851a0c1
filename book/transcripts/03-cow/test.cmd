# needs: qemu-system-x86_64
# uses: build/kernel/kernel.elf build/kernel/archive.cpio kernel/qemu.sh
sh qemu.sh -t -k kernel.elf -a archive.cpio \
    "probe=on -- /bin/test-cow" </dev/null | tr -d '\r' >log
grep 'ok' log
