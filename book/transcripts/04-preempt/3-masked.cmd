# needs: qemu-system-x86_64
# uses: kernel/qemu.sh build/kernel/kernel.elf build/book/programs/04-preempt/stuck.elf build/book/programs/04-preempt/policies.elf build/book/programs/04-preempt/archive.cpio
sh boot.sh stuck hz=50 timer=off-at-fork
sh boot.sh stuck hz=50 timer=off-at-fork \
    -- sh -c "'/bin/echo a child; /bin/echo the shell'"
