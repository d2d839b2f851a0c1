# needs: qemu-system-x86_64
# uses: kernel/qemu.sh build/kernel/kernel.elf build/book/programs/04-preempt/stuck.elf build/book/programs/04-preempt/policies.elf build/book/programs/04-preempt/archive.cpio
# normalise: s/[1-9][0-9]*/N/g
sh compare.sh naive no-child first-run same-rip free-tick \
    window mask restart poll half one-shot
