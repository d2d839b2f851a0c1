# needs: qemu-system-x86_64
# limit: 60
# normalise: address
# uses: build/kernel/kernel.elf build/kernel/archive.cpio kernel/qemu.sh
sh qemu.sh -t -k kernel.elf -a archive.cpio "probe=on -- /bin/test-cow" </dev/null | sed -n '/test-cow)/d; /^[on1]/p' | tr -d '\r'
