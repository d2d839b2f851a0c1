# needs: qemu-system-x86_64
# limit: 90
# uses: kernel/qemu.sh build/kernel/kernel.elf build/book/programs/04-preempt/stuck.elf build/book/programs/04-preempt/policies.elf build/book/programs/04-preempt/archive.cpio
sh boot.sh stuck hz=50 baud=115200 log=7 slow-who=forked tf=child | grep 'DEBUG\|debug\|^fork-test'
sh boot.sh stuck hz=50 baud=115200 log=1 slow-who=forked tf=child | grep 'DEBUG\|debug\|^fork-test'
