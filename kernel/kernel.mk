# SPDX-License-Identifier: MIT
# kernel.mk -- the kernel, its user programs, its images and its tests.
#
# For labs: $(KERNEL_OBJECTS) is every object of the image.  A lab filters its
# own file out, compiles the student's with $(KERNEL_CFLAGS), and calls
# kernel/link.sh with the rest.

K := $(B)/kernel
KERNEL_CFLAGS := $(CSTD) -O2 -g -ffreestanding -mcmodel=kernel \
	-mno-red-zone -mgeneral-regs-only -fno-pic -fno-pie \
	-fno-stack-protector -fcf-protection=none -fno-omit-frame-pointer \
	-fno-optimize-sibling-calls -fno-asynchronous-unwind-tables \
	-fno-strict-aliasing -fno-common $(CWARN) -MMD -MP

# In the order in which kernel/README.md reads them.
KERNEL_C := main boot trap syscall proc preempt fork vm frame cow exec signal \
	file pipe fs sysfile sysmem console clock print ksyms random probe
KERNEL_S := boot entry
KERNEL_OBJECTS := $(KERNEL_S:%=$(K)/%.S.o) $(KERNEL_C:%=$(K)/%.o)

# What `make` builds needs the compiler only; the archive needs cpio, and
# whatever boots needs QEMU.
SOFTWARE += $(K)/kernel.elf
.PHONY: kernel
kernel: $(K)/kernel.elf $(K)/archive.cpio

$(K)/offsets.h: kernel/offsets.c
	@mkdir -p $(@D)
	$(CC) $(KERNEL_CFLAGS) -MF $(K)/offsets.d -MT $@ -S -o $(K)/offsets.s $<
	awk '$$1 == "OFFSET" { print "#define " $$2 " " $$3 }' \
		$(K)/offsets.s >$@

$(K)/%.o: kernel/%.c
	@mkdir -p $(@D)
	$(CC) $(KERNEL_CFLAGS) -c -o $@ $<

$(K)/%.S.o: kernel/%.S $(K)/offsets.h
	@mkdir -p $(@D)
	$(CC) $(KERNEL_CFLAGS) -I$(K) -c -o $@ $<

$(K)/kernel.elf: $(KERNEL_OBJECTS) kernel/kernel.ld kernel/link.sh
	kernel/link.sh $@ $(KERNEL_OBJECTS)

# ---- user programs and the initial archive -----------------------------------

USER_CFLAGS := $(CSTD) -O2 -g -ffreestanding -fno-pic -fno-pie \
	-fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables \
	-fno-tree-loop-distribute-patterns $(CWARN) -MMD -MP
USER_LDFLAGS := -nostdlib -static -no-pie -Wl,--build-id=none \
	-Wl,-z,noexecstack -Wl,-z,max-page-size=4096
USER_TOOLS := echo cat ls ps sleep kill spin true false
USER_TESTS := test-fork test-cow test-pipe test-signal test-memory \
	test-sched test-bomb test-errno fuzz crash bench
USER_PROGRAMS := init sh tools $(USER_TESTS)

.SECONDARY: $(USER_PROGRAMS:%=$(K)/user/%.o)
$(K)/user/%.o: kernel/user/%.c
	@mkdir -p $(@D)
	$(CC) $(USER_CFLAGS) -c -o $@ $<

$(K)/user/crt.o: kernel/user/crt.S
	@mkdir -p $(@D)
	$(CC) -c -o $@ $<

$(K)/root/bin/%: $(K)/user/%.o $(K)/user/crt.o $(K)/user/rt.o
	@mkdir -p $(@D)
	$(CC) $(USER_LDFLAGS) -o $@ $^

# The archive is packed with names sorted and times left out: the same
# programs give the same bytes.
$(K)/archive.cpio: $(USER_PROGRAMS:%=$(K)/root/bin/%) | need-kernel
	for tool in $(USER_TOOLS); do ln -sf tools $(K)/root/bin/$$tool; done
	(cd $(K)/root && find . | LC_ALL=C sort | \
		cpio --quiet -o -H newc --reproducible -R 0:0) >$@

# ---- running and testing --------------------------------------------------

.PHONY: run gdb check-kernel
run: kernel | need-kernel ## boot the kernel to its shell (^A X ends QEMU)
	SERIAL=mon:stdio kernel/qemu.sh -- "probe=on $(KERNEL_OPTIONS)"

.PHONY: iso
iso: kernel | need-iso ## make build/kernel/kernel.iso, a CD image with GRUB
	kernel/iso.sh $(K)/kernel.iso "probe=on $(KERNEL_OPTIONS)"

# Ten million system calls of 100 seeds: about an hour.
SUITES_LONG += kernel-fuzz
.PHONY: check-kernel-fuzz
check-kernel-fuzz: kernel | need-kernel
	scripts/tap kernel-fuzz -- kernel/tests/run.sh fuzz_long

gdb: kernel | need-kernel ## the same under gdb, with commands that know the kernel
	kernel/gdb/run.sh "probe=on $(KERNEL_OPTIONS)"

.PHONY: bench-kernel
bench-kernel: kernel | need-kernel ## what fork and a copy cost, in instructions
	kernel/bench.sh

SUITES += kernel
check-kernel: kernel | need-kernel
	scripts/tap kernel -- kernel/tests/run.sh

-include $(wildcard $(K)/*.d $(K)/user/*.d)
