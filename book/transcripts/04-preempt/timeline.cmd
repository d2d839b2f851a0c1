# needs: qemu-system-x86_64
# uses: kernel/qemu.sh build/kernel/kernel.elf build/book/programs/04-preempt/stuck.elf build/book/programs/04-preempt/archive.cpio
# normalise: s/[0-9]*\.[0-9][0-9]*/N/g
sh boot.sh stuck hz=50 path=26000 slow-who=3 trace=print \
    -- race 300 count count | awk -v for_ms=79 -f schedule.awk
sh boot.sh kernel hz=50 path=26000 slow-who=3 trace=print \
    -- race 300 count count | awk -v for_ms=79 -f schedule.awk
