# needs: qemu-system-x86_64
# uses: kernel/qemu.sh build/kernel/kernel.elf build/book/programs/04-preempt/stuck.elf build/book/programs/04-preempt/policies.elf build/book/programs/04-preempt/archive.cpio
# normalise: address
# normalise: s/^ *[0-9][0-9]* Restored/N Restored/
sh boot.sh stuck hz=50 baud=115200 log=7 log-rest=1 slow-who=forked >log
sed -n '/2 -> 3/,$p' log | sed 8q
grep -o 'Restored.*thread 3: RIP=[^,]*' log | sort | uniq -c
grep fork-test log
