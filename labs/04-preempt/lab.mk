# SPDX-License-Identifier: MIT
# lab.mk -- lab 4: a kernel with the submission's preempt.c in it.  The rules for
# judge, parts and run-4 are those of every lab of the kernel: kernel/kernel.mk.
# Part A needs a kernel of ours in which every tick preempts, and a program that
# tells the challenge.
KERNEL_LABS += 4:04-preempt:preempt:preempt_tick
KERNEL_LAB_JUDGE_4 := labs/04-preempt/tests/challenge.c
KERNEL_LAB_OWN_4 := $(addprefix $(B)/lab-4/,always.elf archive.cpio bochs.sh boot-iso \
	challenge)

L4 := $(B)/lab-4

$(L4)/always.o: labs/04-preempt/tests/always.c
	@mkdir -p $(@D)
	$(CC) $(KERNEL_CFLAGS) -Ikernel -c -o $@ $<

$(L4)/always.elf: $(L4)/always.o $$(filter-out $$(K)/preempt.o,$$(KERNEL_OBJECTS)) \
		kernel/kernel.ld kernel/link.sh
	kernel/link.sh $@ $(filter %.o,$^)

$(L4)/init.o: labs/04-preempt/tests/init.c
	@mkdir -p $(@D)
	$(CC) $(USER_CFLAGS) -c -o $@ $<

$(L4)/init: $(L4)/init.o $$(addprefix $$(K)/user/,init.o crt.o rt.o)
	$(CC) $(USER_LDFLAGS) -Wl,--wrap=main -o $@ $^

$(L4)/archive.cpio: $$(K)/pack $(L4)/init $$(K)/root/bin/fork-test
	$(K)/pack $@ dir:bin file:bin/init=$(L4)/init \
		file:bin/fork-test=$(K)/root/bin/fork-test

$(L4)/bochs.sh: kernel/lab/bochs.sh
	@mkdir -p $(@D)
	cp $< $@

$(L4)/boot-iso: kernel/tests/bochs.sh
	@mkdir -p $(@D)
	cp $< $@

$(L4)/challenge: labs/04-preempt/tests/tell.c \
		labs/04-preempt/tests/challenge.c labs/04-preempt/tests/challenge.h
	@mkdir -p $(@D)
	$(CC) $(filter-out -MMD -MP,$(CFLAGS_HOST)) -o $@ $(filter %.c,$^)

# WITH: options in front of the challenge's, which they override.
DIAGNOSIS = "$(or $(SUBMISSION),labs/04-preempt)/diagnosis.txt"
.PHONY: challenge-4 measure-4
challenge-4: $(L4)/challenge ## lab 4: the machine that your diagnosis.txt is about
	@labs/04-preempt/measure tell $(DIAGNOSIS)
measure-4: kernel-of-4 $(L4)/challenge $(L4)/archive.cpio ## boot it, with a trace [WITH='hz=30 ...']
	@WITH='$(WITH)' labs/04-preempt/measure run $(DIAGNOSIS)
