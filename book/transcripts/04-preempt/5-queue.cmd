# needs: qemu-system-x86_64
# uses: kernel/qemu.sh build/kernel/kernel.elf build/book/programs/04-preempt/stuck.elf build/book/programs/04-preempt/policies.elf build/book/programs/04-preempt/archive.cpio
# normalise: s/[1-9][0-9][0-9]*/N/g
sh boot.sh stuck hz=50 path=26000 slow-who=3 log-queue=on \
    -- race 900 count count count count >log
sed -n 3,9p log
awk -f queue.awk log
grep race log
