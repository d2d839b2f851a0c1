# needs: qemu-system-x86_64
# normalise: s/[0-9][0-9]*/N/g
# uses: build/kernel/kernel.elf build/kernel/prices.cpio kernel/qemu.sh
# uses: kernel/prices.awk
sh kernel.sh
