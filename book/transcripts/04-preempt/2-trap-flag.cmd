# needs: qemu-system-x86_64
# uses: kernel/qemu.sh build/kernel/kernel.elf build/book/programs/04-preempt/stuck.elf build/book/programs/04-preempt/archive.cpio
# normalise: s/^ *[0-9][0-9]* RFL/N RFL/
# normalise: address
sh boot.sh stuck hz=50 baud=115200 log=7 slow-who=forked tf=child >log
grep 'DEBUG\|debug\|^fork-test' log
grep 'thread 3' log | grep -o 'RFLAGS=.*' | sort | uniq -c
sh boot.sh stuck hz=50 baud=115200 log=1 slow-who=forked tf=child | \
    grep 'DEBUG\|debug\|^fork-test'
