# needs: qemu-system-x86_64
# uses: kernel/qemu.sh build/kernel/kernel.elf build/book/programs/04-preempt/stuck.elf build/book/programs/04-preempt/policies.elf build/book/programs/04-preempt/archive.cpio
# normalise: s/ [0-9.][0-9.]* us *[0-9][0-9]* / N us N /
sh cost.sh
