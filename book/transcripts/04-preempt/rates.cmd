# needs: qemu-system-x86_64
# uses: kernel/qemu.sh build/kernel/kernel.elf build/book/programs/04-preempt/stuck.elf build/book/programs/04-preempt/policies.elf build/book/programs/04-preempt/archive.cpio
# normalise: s/[0-9][0-9]*\.[0-9][0-9]*/N/g
# normalise: s/[1-9][0-9]*/N/g
sh rates.sh path=17400 -- 100 80 70 62 59 58 57 56 55 52 48 44 40
