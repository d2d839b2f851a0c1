# needs: qemu-system-x86_64
# uses: kernel/qemu.sh build/kernel/kernel.elf build/book/programs/04-preempt/stuck.elf build/book/programs/04-preempt/policies.elf build/book/programs/04-preempt/archive.cpio
# normalise: s/[0-9][0-9]*\.[0-9]* ms/N ms/
# normalise: s/[0-9.]* Hz/N Hz/
# normalise: s/0\.[0-9]*%/under 1%/
sh edge.sh baud=115200 log=7
