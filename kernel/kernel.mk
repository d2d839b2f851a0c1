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
	file pipe fs sysfile sysmem console clock print ksyms random probe trace
KERNEL_S := boot entry
KERNEL_OBJECTS := $(KERNEL_S:%=$(K)/%.S.o) $(KERNEL_C:%=$(K)/%.o)

# To build needs the compiler only; to boot needs QEMU.
SOFTWARE += kernel
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
	test-sched test-bomb test-errno fuzz crash bench fork-test
USER_PROGRAMS := init sh tools $(USER_TESTS)

# Where the report's program forks: its text is at the report's addresses.
$(K)/root/bin/fork-test: USER_LDFLAGS += \
	-Wl,--section-start=.fork_test=0x10000000

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

$(K)/pack: kernel/pack.c
	@mkdir -p $(@D)
	$(CC) $(filter-out -MMD -MP,$(CFLAGS_HOST)) -o $@ $<

$(K)/archive.cpio: $(K)/pack $(USER_PROGRAMS:%=$(K)/root/bin/%)
	$(K)/pack $@ dir:bin $(foreach p,$(USER_PROGRAMS), \
		file:bin/$(p)=$(K)/root/bin/$(p)) \
		$(USER_TOOLS:%=link:bin/%=tools)

# ---- running and testing --------------------------------------------------

.PHONY: run gdb check-kernel
run: kernel | need-kernel ## boot the kernel to its shell (^A X ends QEMU)
	@SERIAL=mon:stdio kernel/qemu.sh -- "probe=on $(KERNEL_OPTIONS)"

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

# What bench.sh boots besides, in an archive of its own.
$(K)/prices.cpio: $(K)/pack $(K)/root/bin/init $(K)/root/bin/tools \
		$(K)/root/bin/prices
	$(K)/pack $@ dir:bin file:bin/init=$(K)/root/bin/init \
		file:bin/true=$(K)/root/bin/tools \
		file:bin/prices=$(K)/root/bin/prices

.PHONY: bench-kernel
bench-kernel: kernel $(K)/prices.cpio | need-kernel ## what fork and a copy cost, in instructions
	kernel/bench.sh

SUITES += kernel
check-kernel: kernel | need-kernel
	scripts/tap kernel -- kernel/tests/run.sh

-include $(wildcard $(K)/*.d $(K)/user/*.d)

# ---- labs -------------------------------------------------------------------

# $(call kernel_lab,N,NN-name,file,function): the judge, and the parts that a
# kernel with the submission's file.c is linked from: every header, every object
# but that one.  run-N boots that kernel to the shell; gdb-N starts it under
# gdb, in test TEST, and stops at the function.  A lab may say KERNEL_LAB_JUDGE_N,
# more sources of its judge, and KERNEL_LAB_OWN_N, more of what it needs.
KERNEL_LAB_HEADERS := $(notdir $(wildcard kernel/*.h))

$(K)/lab-offsets.h: kernel/lab/offsets.c
	@mkdir -p $(@D)
	$(CC) $(KERNEL_CFLAGS) -Ikernel -MF $(K)/lab-offsets.d -MT $@ -S \
		-o $(K)/lab-offsets.s $<
	awk '$$1 == "OFFSET" { print "#define " $$2 " " $$3 }' \
		$(K)/lab-offsets.s >$@

$(K)/lab/guest.o: kernel/lab/guest.c
	@mkdir -p $(@D)
	$(CC) $(USER_CFLAGS) -c -o $@ $<

define kernel_lab
LAB_GDB_$(1) := gdb-kernel-$(1)
LAB_PARTS_$(1) := $$(B)/lab-$(1)/judge $$(B)/lab-$(1)/guest.cpio \
	$$(addprefix $$(B)/lab-$(1)/parts/,link.sh kernel.ld cflags \
	$$(KERNEL_LAB_HEADERS) $$(filter-out $(3).o,$$(notdir $$(KERNEL_OBJECTS)))) \
	$$(KERNEL_LAB_OWN_$(1))

$$(B)/lab-$(1)/judge: labs/$(2)/tests/judge.c $$(KERNEL_LAB_JUDGE_$(1)) \
		$$(wildcard labs/$(2)/tests/*.h) kernel/lab/kjudge.c \
		kernel/lab/kjudge.h kernel/lab/verdict.h labs/grader/judge.h \
		$$(K)/lab-offsets.h $$(LIBJUDGE) | need-grader
	@mkdir -p $$(@D)
	$$(CC) $$(filter-out -MMD -MP,$$(CFLAGS_HOST)) -Ilabs/grader \
		-Ikernel/lab -Ikernel -I$$(K) -o $$@ $$(filter %.c,$$^) \
		$$(LIBJUDGE) $$(JUDGE_LIBS)

$$(B)/lab-$(1)/guest.o: labs/$(2)/tests/guest.c
	@mkdir -p $$(@D)
	$$(CC) $$(USER_CFLAGS) -Ikernel/lab -c -o $$@ $$<

$$(B)/lab-$(1)/guest: $$(B)/lab-$(1)/guest.o $$(K)/lab/guest.o \
		$$(K)/user/crt.o $$(K)/user/rt.o
	$$(CC) $$(USER_LDFLAGS) -o $$@ $$^

$$(B)/lab-$(1)/guest.cpio: $$(K)/pack $$(B)/lab-$(1)/guest \
		$$(K)/root/bin/tools
	$$(K)/pack $$@ dir:bin file:bin/init=$$(B)/lab-$(1)/guest \
		file:bin/false=$$(K)/root/bin/tools

# How the rest was compiled: the build in lab.ini reads it.
$$(B)/lab-$(1)/parts/cflags: kernel/kernel.mk
	@mkdir -p $$(@D)
	echo '$$(filter-out -MMD -MP -Werror,$$(KERNEL_CFLAGS))' >$$@

$$(B)/lab-$(1)/parts/%.h: kernel/%.h
	@mkdir -p $$(@D)
	cp $$< $$@

$$(B)/lab-$(1)/parts/%.o: $$(K)/%.o
	@mkdir -p $$(@D)
	cp $$< $$@

$$(B)/lab-$(1)/parts/%: kernel/%
	@mkdir -p $$(@D)
	cp $$< $$@

.PHONY: run-$(1) gdb-kernel-$(1) kernel-of-$(1)
kernel-of-$(1): kernel | need-kernel
	@labs/submission labs/$(2)
	@mkdir -p $$(B)/lab-$(1)
	@$$(CC) $$(KERNEL_CFLAGS) -Ikernel -MF $$(B)/lab-$(1)/$(3).d -c \
		-o $$(B)/lab-$(1)/$(3).o \
		"$$(or $$(SUBMISSION),labs/$(2))/$(3).c"
	@kernel/link.sh $$(B)/lab-$(1)/kernel.elf $$(B)/lab-$(1)/$(3).o \
		$$(filter-out $$(K)/$(3).o,$$(KERNEL_OBJECTS))

run-$(1): kernel-of-$(1)
	@SERIAL=mon:stdio kernel/qemu.sh -k $$(B)/lab-$(1)/kernel.elf -- \
		"probe=on $$(ARGS)"

# The judge says what the machine is, and leaves it to gdb (kjudge.c).
gdb-kernel-$(1): kernel-of-$(1) parts-$(1)
	@KERNEL=$$(B)/lab-$(1)/kernel.elf KERNEL_STOP=$(4) labs/grade labs/$(2) --gdb
endef

# A lab's lab.mk says KERNEL_LABS += N:NN-name:file:function.
$(foreach l,$(KERNEL_LABS),$(eval $(call kernel_lab,$(word 1,$(subst \
	:, ,$(l))),$(word 2,$(subst :, ,$(l))),$(word 3,$(subst :, ,$(l))),$(word \
	4,$(subst :, ,$(l))))))
