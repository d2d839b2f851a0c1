# needs: qemu-system-x86_64 cpio
# uses: kernel build/kernel/kernel.elf
# uses: build/kernel/user/init.o build/kernel/user/crt.o build/kernel/user/rt.o
# uses: book/programs/03-cow/guest/lazy.c book/programs/03-cow/guest/demo.h
sh boot.sh lazy
sh boot.sh -o cow=off lazy
