# needs: qemu-system-x86_64
# uses: kernel/qemu.sh build/kernel/kernel.elf build/book/programs/04-preempt/stuck.elf build/book/programs/04-preempt/policies.elf build/book/programs/04-preempt/archive.cpio
# normalise: s/^ *[0-9][0-9]* IP/N IP/
# normalise: s/^ *[0-9]*: v=20/N: v=20/
# normalise: s/child to [1-9][0-9]*/child to N/
QEMU_OPTIONS='-d int -D int.log' \
    sh boot.sh stuck hz=50 path=26000 slow-who=forked
grep 'v=20' int.log | grep -o 'IP=0033:000000001[0-9a-f]*' | sort | uniq -c
grep -m 1 'v=20.*pc=0000000010000018' int.log | cut -c1-78
QEMU_OPTIONS='-d exec,nochain -dfilter 0x10000000+0x80 -D exec.log' \
    sh boot.sh stuck hz=50 path=26000 slow-who=forked
grep -c '/0000000010000018/' exec.log
QEMU_OPTIONS='-d exec,nochain -dfilter 0x10000000+0x80 -D exec.log' \
    sh boot.sh stuck hz=20 path=26000 slow-who=forked
grep -c '/0000000010000018/' exec.log
