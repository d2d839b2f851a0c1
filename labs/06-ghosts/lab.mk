# SPDX-License-Identifier: MIT
# lab.mk -- lab 6: the judge, the parts that a submission is built with, the
# small dynarec's table with the submission's inuse.c, and the real box64,
# stopped so that it can be measured.

L6 := $(B)/lab-6
L6_DIR := labs/06-ghosts
L6_PARTS := $(addprefix $(L6)/parts/,guest.h dyn.h inuse.h cache.o dyn.o \
	interp.o translate.o subject.o crash.o)
LAB_PARTS_6 := $(L6)/judge $(L6_PARTS)
L6_DY := box64-lab/dynarec
L6_CC = $(CC) $(filter-out -MMD -MP,$(CFLAGS_HOST))

# The program that the real box64 runs needs a compiler for x86-64.
ifneq ($(shell command -v $(if $(filter x86_64,$(shell uname -m)),$(CC),\
	x86_64-linux-gnu-gcc)),)
LAB_PARTS_6 += $(L6)/watch $(L6)/main
endif

$(L6)/judge: $(addprefix $(L6_DIR)/tests/,judge.c real.c formula.c) \
		$(wildcard $(L6_DIR)/tests/*.h) $(L6_DY)/dyn.h $(L6_DY)/guest.h \
		labs/grader/judge.h $(LIBJUDGE) | need-grader
	@mkdir -p $(@D)
	$(L6_CC) -Ilabs/grader -I$(L6_DY) -o $@ $(filter %.c,$^) \
		$(LIBJUDGE) $(JUDGE_LIBS)

$(L6)/parts/subject.o: $(L6_DIR)/tests/subject.c $(L6_DIR)/tests/talk.h \
		$(L6_DY)/dyn.h $(L6_DY)/guest.h | need-grader
	@mkdir -p $(@D)
	$(L6_CC) -I$(L6_DY) -pthread -c -o $@ $<

$(L6)/parts/%.h: $(L6_DY)/%.h
	@mkdir -p $(@D)
	cp $< $@

$(addprefix $(L6)/parts/,cache.o dyn.o interp.o translate.o): \
		$(L6)/parts/%.o: $(B)/dynarec/%.o
	@mkdir -p $(@D)
	cp $< $@

$(L6)/parts/crash.o: $(CRASH_OBJ)
	@mkdir -p $(@D)
	cp $< $@

$(L6)/watch $(L6)/main: $(L6)/%: $(B)/box64-lab/%
	@mkdir -p $(@D)
	cp $< $@

# make run-6 [SUBMISSION=dir] [ARGS="8 4"]: the counters around a fork, as your
# inuse.c leaves them.  Not graded, so not isolated either.
L6_RUN = $(or $(SUBMISSION),$(L6_DIR))
.PHONY: run-6 measure-6
run-6: $(L6_PARTS) box64-lab/dynarec/show.c
	@labs/submission $(L6_DIR)
	@$(L6_CC) -I$(L6_DY) -pthread -o $(L6)/run $(L6_DY)/show.c \
		"$(L6_RUN)/inuse.c" $(addprefix $(L6)/parts/,cache.o dyn.o \
		interp.o translate.o)
	@$(L6)/run $(ARGS)

measure-6: $(B)/box64-lab/main $(B)/box64-lab/probe ## the real box64, stopped around a fork for you to measure [ARGS="--workers 7 --functions 3"]
	@$(L6_DIR)/measure $(ARGS)
