# SPDX-License-Identifier: MIT
# lab.mk -- lab 1: the judge, the parts that a submission is built with, the
# program of `make run-1`, and the supervisor's own test.

L1 := $(B)/lab-1
LAB_PARTS_1 := $(L1)/judge $(addprefix $(L1)/parts/,supervise.h subject.o \
	crash.o puppet)
L1_TALK := labs/01-supervisor/tests/talk.h labs/grader/supervise.h

$(L1)/judge: labs/01-supervisor/tests/judge.c $(L1_TALK) labs/grader/judge.h \
		$(LIBJUDGE) | need-grader
	@mkdir -p $(@D)
	$(CC) $(filter-out -MMD -MP,$(CFLAGS_HOST)) -Ilabs/grader -o $@ $< \
		$(LIBJUDGE) $(JUDGE_LIBS)

$(L1)/parts/subject.o: labs/01-supervisor/tests/subject.c $(L1_TALK) | need-grader
	@mkdir -p $(@D)
	$(CC) $(filter-out -MMD -MP,$(CFLAGS_HOST)) -Ilabs/grader -c -o $@ $<

$(L1)/parts/crash.o: $(CRASH_OBJ)
	@mkdir -p $(@D)
	cp $< $@

# Static: it is executed with whatever environment a test gives it.
$(L1)/parts/puppet: labs/01-supervisor/tests/puppet.c $(L1_TALK) | need-grader
	@mkdir -p $(@D)
	$(CC) $(filter-out -MMD -MP,$(CFLAGS_HOST)) -Ilabs/grader -static -o $@ $<

$(L1)/parts/supervise.h: labs/grader/supervise.h
	@mkdir -p $(@D)
	cp $< $@

# make run-1 [SUBMISSION=dir] [ARGS="-d 2 -- ls -l"].  Not graded, so not
# isolated either: what you run is your own.
L1_RUN = $(or $(SUBMISSION),labs/01-supervisor)
.PHONY: run-1
run-1: labs/01-supervisor/tests/run.c labs/grader/supervise.h | need-build
	@mkdir -p $(L1)
	@labs/submission labs/01-supervisor
	@$(CC) $(filter-out -MMD -MP,$(CFLAGS_HOST)) -Ilabs/grader -o $(L1)/run \
		labs/01-supervisor/tests/run.c "$(L1_RUN)/supervise.c"
	@$(L1)/run $(ARGS)

# The test includes supervise.c, to get at its parts.
$(B)/labs/grader/supervise_test: labs/grader/tests/supervise_test.c \
		labs/grader/supervise.c labs/grader/supervise.h | need-build
	@mkdir -p $(@D)
	$(CC) $(filter-out -MMD -MP,$(CFLAGS_HOST)) -Ilabs/grader -o $@ $<

SUITES += supervise
.PHONY: check-supervise
check-supervise: $(B)/labs/grader/supervise_test
	@scripts/tap supervise -- $<
