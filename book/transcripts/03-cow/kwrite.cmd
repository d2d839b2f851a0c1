# needs: qemu-system-x86_64 cpio
# uses: kernel build/kernel/kernel.elf
# uses: build/kernel/user/init.o build/kernel/user/crt.o build/kernel/user/rt.o
# uses: kernel/cow.c build/lab-3/parts/cflags
# uses: build/kernel/boot.S.o build/kernel/boot.o
# uses: build/kernel/entry.S.o
# uses: build/kernel/main.o build/kernel/trace.o build/kernel/trap.o build/kernel/syscall.o
# uses: build/kernel/proc.o build/kernel/preempt.o build/kernel/fork.o
# uses: build/kernel/vm.o build/kernel/frame.o build/kernel/exec.o
# uses: build/kernel/signal.o build/kernel/file.o build/kernel/pipe.o
# uses: build/kernel/fs.o build/kernel/sysfile.o build/kernel/sysmem.o
# uses: build/kernel/console.o build/kernel/clock.o build/kernel/print.o
# uses: build/kernel/ksyms.o build/kernel/random.o build/kernel/probe.o
# uses: book/programs/03-cow/guest/kwrite.c book/programs/03-cow/guest/demo.h
sh boot.sh kwrite
sed '/vm_flush_page/d' cow.c >noflush.c
sh boot.sh -c noflush.c kwrite
