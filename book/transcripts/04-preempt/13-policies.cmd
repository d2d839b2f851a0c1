# needs: qemu-system-x86_64
# limit: 90
# normalise: s/[0-9]+/N/g
# uses: kernel/qemu.sh build/kernel/kernel.elf build/book/programs/04-preempt/stuck.elf build/book/programs/04-preempt/policies.elf build/book/programs/04-preempt/archive.cpio
sh compare.sh naive no-child first-run same-rip free-tick window mask restart poll half one-shot
