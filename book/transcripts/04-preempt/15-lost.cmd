# needs: qemu-system-x86_64
# uses: kernel/qemu.sh build/kernel/kernel.elf build/book/programs/04-preempt/stuck.elf build/book/programs/04-preempt/policies.elf build/book/programs/04-preempt/archive.cpio
# normalise: s/[1-9][0-9][0-9]*/N/g
sh boot.sh kernel hz=50 path=70000 slow-who=forked trace=print \
    -- race 1500 count count | awk -f lost.awk T=20 -
