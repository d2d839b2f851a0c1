# needs: qemu-system-x86_64
# uses: kernel build/kernel/kernel.elf build/kernel/archive.cpio build/lab-2/parts/cflags build/kernel/boot.S.o build/kernel/boot.o build/kernel/clock.o build/kernel/console.o build/kernel/cow.o build/kernel/entry.S.o build/kernel/exec.o build/kernel/file.o build/kernel/frame.o build/kernel/fs.o build/kernel/ksyms.o build/kernel/main.o build/kernel/pipe.o build/kernel/preempt.o build/kernel/print.o build/kernel/probe.o build/kernel/proc.o build/kernel/random.o build/kernel/signal.o build/kernel/syscall.o build/kernel/sysfile.o build/kernel/sysmem.o build/kernel/trace.o build/kernel/trap.o build/kernel/vm.o
# normalise: pid
sh try.sh "$(cat room.sed)" 'probe=on cow=off -- /bin/test-memory 12' | grep 'frames$' | sort -u
sh try.sh "$(cat room.sed)" 'probe=on -- /bin/test-memory 11' | grep 'frames$' | sort -u
