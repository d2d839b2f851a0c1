# needs: qemu-system-x86_64
# uses: kernel/qemu.sh build/kernel/kernel.elf build/book/programs/04-preempt/stuck.elf build/book/programs/04-preempt/policies.elf build/book/programs/04-preempt/archive.cpio
# normalise: s/ [0-9]\{5,\} [0-9]*/ N/
for i in 1 2 3; do
    sh boot.sh stuck hz=50 path=26000 slow-who=3 trace=print \
        -- race 300 count count | cksum
done | uniq -c
