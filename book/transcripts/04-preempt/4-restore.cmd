# needs: qemu-system-x86_64
# uses: kernel/qemu.sh build/kernel/kernel.elf build/book/programs/04-preempt/stuck.elf build/book/programs/04-preempt/policies.elf build/book/programs/04-preempt/archive.cpio
# normalise: s/[0-9][0-9]*\.[0-9]/N/
# normalise: s/0x401[0-9a-f]*/0x401xxx/
sh boot.sh stuck hz=50 baud=115200 log=7 slow-who=3 trace=print \
    -- race 300 count count >trace
awk -f cycle.awk pid=3 trace
sh boot.sh stuck hz=20 baud=115200 log=7 slow-who=3 trace=print \
    -- race 500 count count >trace
awk -f cycle.awk pid=3 trace
