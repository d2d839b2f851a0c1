# needs: qemu-system-x86_64
# limit: 60
# normalise: s/[0-9][0-9]*/N/g
# uses: build/kernel/kernel.elf build/kernel/archive.cpio kernel/qemu.sh
sh kernel.sh
