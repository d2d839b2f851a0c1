# needs: qemu-system-x86_64
# limit: 90
# normalise: s/[0-9]+/N/g
# uses: kernel/qemu.sh build/kernel/kernel.elf build/book/programs/04-preempt/stuck.elf build/book/programs/04-preempt/policies.elf build/book/programs/04-preempt/archive.cpio
QEMU_OPTIONS='-d int -D int.log' sh boot.sh stuck hz=50 path=26000 slow-who=forked
grep 'v=20' int.log | grep -o 'cpl=3.* pc' | sort | uniq -c | sort -rn | sed 3q
grep -m 1 'v=20.*pc=0000000010000018' int.log | cut -c1-78
QEMU_OPTIONS='-d exec,nochain -dfilter 0x10000000+0x80 -D exec.log' sh boot.sh stuck hz=50 path=26000 slow-who=forked
grep -c '/0000000010000018/' exec.log
QEMU_OPTIONS='-d exec,nochain -dfilter 0x10000000+0x80 -D exec.log' sh boot.sh stuck hz=20 path=26000 slow-who=forked
grep -c '/0000000010000018/' exec.log
