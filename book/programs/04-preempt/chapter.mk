# SPDX-License-Identifier: MIT
# chapter.mk -- the kernels that chapter 4 boots, its experiments one by one,
# and time travel.
P4 := book/programs/04-preempt
X4 := $(B)/$(P4)

# The kernel with the starter of lab 4, and the one with all policies.
$(X4)/o/stuck.o: labs/04-preempt/preempt.c
$(X4)/o/policies.o: $(P4)/kernel/policies.c
$(X4)/o/stuck.o $(X4)/o/policies.o:
	@mkdir -p $(@D)
	@$(CC) $(KERNEL_CFLAGS) -Ikernel -c -o $@ $<
-include $(X4)/o/stuck.d $(X4)/o/policies.d

$(X4)/%.elf: $(X4)/o/%.o $(KERNEL_OBJECTS) kernel/link.sh kernel/kernel.ld
	@mkdir -p $(@D)
	@kernel/link.sh $@ $< $(filter-out $(K)/preempt.o,$(KERNEL_OBJECTS))

# The programs that they run.
$(X4)/o/race.o: $(P4)/guest/race.c
	@mkdir -p $(@D)
	@$(CC) $(USER_CFLAGS) -Ikernel/user -c -o $@ $<
$(X4)/o/race: $(X4)/o/race.o $(K)/user/crt.o $(K)/user/rt.o
	@$(CC) $(USER_LDFLAGS) -o $@ $^
X4_PROGRAMS := init sh tools fork-test
$(X4)/archive.cpio: $(K)/pack $(X4)/o/race \
		$(X4_PROGRAMS:%=$(K)/root/bin/%)
	@$(K)/pack $@ dir:bin file:bin/race=$(X4)/o/race \
		$(foreach p,$(X4_PROGRAMS),file:bin/$(p)=$(K)/root/bin/$(p)) \
		link:bin/spin=tools link:bin/echo=tools link:bin/true=tools
-include $(X4)/o/race.d

.PHONY: rewind-4
rewind-4: $(call session_uses,04-preempt) | need-kernel ## chapter 4: from the tick back to the fork, in a recorded run (STEP=k)
	@book/sessions/run play 4 rewind "$(STEP)"

experiment-4-%: kernel $(X4)/stuck.elf $(X4)/policies.elf $(X4)/archive.cpio | need-kernel ## chapter 4's experiments: the question, then the run
	@sh $(P4)/experiment.sh "$*"
