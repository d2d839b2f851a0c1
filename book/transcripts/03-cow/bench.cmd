# needs: qemu-system-x86_64
# normalise: s/[0-9][0-9.]*\.[0-9]/N/g
# normalise: s/[78][0-9]%/about 80%/
# uses: build/kernel/kernel.elf build/kernel/archive.cpio kernel/qemu.sh
sh bench.sh
