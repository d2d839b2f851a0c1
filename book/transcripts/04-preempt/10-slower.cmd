# needs: qemu-system-x86_64
# uses: kernel/qemu.sh build/kernel/kernel.elf build/book/programs/04-preempt/stuck.elf build/book/programs/04-preempt/policies.elf build/book/programs/04-preempt/archive.cpio
# normalise: s/[0-9][0-9]*\.[0-9][0-9]*/N/g
# normalise: s/[1-9][0-9]*/N/g
sh rates.sh baud=115200 log=7 -- 50 25 23 20 pit=53782 pit=13534
