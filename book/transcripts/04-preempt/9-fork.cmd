# needs: qemu-system-x86_64
# uses: kernel/qemu.sh build/kernel/kernel.elf build/book/programs/04-preempt/stuck.elf build/book/programs/04-preempt/policies.elf build/book/programs/04-preempt/archive.cpio
# normalise: s/[0-9][0-9]*\.[0-9][0-9]*/N/g
# normalise: s/[1-9][0-9][0-9]*/N/g
sh boot.sh stuck hz=50 path=26000 slow-who=executed limit=900 trace=print \
    -- fork-test 1000000 | awk -f turns.awk
sh boot.sh stuck hz=50 path=26000 slow-who=forked slow-when=first
sh boot.sh stuck hz=50 path=26000 slow-who=forked slow-when=later
