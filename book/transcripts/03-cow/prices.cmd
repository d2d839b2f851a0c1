# needs: qemu-system-x86_64 cpio
# normalise: s/[0-9][0-9][0-9]/NNN/
# normalise: s/own: [0-9]$/own: N/
# uses: kernel build/kernel/kernel.elf
# uses: build/kernel/user/init.o build/kernel/user/crt.o build/kernel/user/rt.o
# uses: book/programs/03-cow/guest/prices.c book/programs/03-cow/guest/demo.h
sh boot.sh -o hz=1 prices
