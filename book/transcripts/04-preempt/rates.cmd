# needs: qemu-system-x86_64
# limit: 90
# normalise: s/[0-9]+/N/g
# uses: kernel/qemu.sh build/kernel/kernel.elf build/book/programs/04-preempt/stuck.elf build/book/programs/04-preempt/policies.elf build/book/programs/04-preempt/archive.cpio
sh rates.sh path=17400 -- 100 80 70 62 59 58 57 56 55 52 48 44 40
