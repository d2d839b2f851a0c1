# SPDX-License-Identifier: MIT
# lab.mk -- lab 5: the judge, the scheduler and the subject that a submission is
# built with, the program of `make run-5`.

L5 := $(B)/lab-5
L5_T := labs/05-atfork/tests
LAB_PARTS_5 := $(L5)/judge $(addprefix $(L5)/parts/,atfork.h steps.h build.sh \
	subject.o steps.o crash.o)
L5_H := $(addprefix $(L5_T)/,run.h sched.h script.h steps.h) \
	labs/05-atfork/atfork.h
L5_CC = $(CC) $(filter-out -MMD -MP,$(CFLAGS_HOST))

$(L5)/judge: $(L5_T)/judge.c $(L5_H) labs/grader/judge.h labs/grader/crash.h \
		$(LIBJUDGE) | need-grader
	@mkdir -p $(@D)
	$(L5_CC) -Ilabs/grader -Ilabs/05-atfork -o $@ $< $(LIBJUDGE) $(JUDGE_LIBS)

$(L5)/parts/%.o: $(L5_T)/%.c $(L5_H) | need-grader
	@mkdir -p $(@D)
	$(L5_CC) -fno-pie -Ilabs/05-atfork -c -o $@ $<

$(L5)/parts/crash.o: $(CRASH_OBJ)
	@mkdir -p $(@D)
	cp $< $@

$(L5)/parts/atfork.h: labs/05-atfork/atfork.h
	@mkdir -p $(@D)
	cp $< $@

$(L5)/parts/steps.h $(L5)/parts/build.sh: $(L5)/parts/%: $(L5_T)/%
	@mkdir -p $(@D)
	cp $< $@

# make run-5 [SUBMISSION=dir] [ARGS="-c 20"]: real threads, real time.
L5_RUN = $(or $(SUBMISSION),labs/05-atfork)
.PHONY: run-5
run-5: $(L5_T)/run.c labs/05-atfork/atfork.h | need-build
	@mkdir -p $(L5)
	@labs/submission labs/05-atfork
	@$(L5_CC) -pthread -Ilabs/05-atfork -o $(L5)/run $< "$(L5_RUN)/atfork.c"
	@$(L5)/run $(ARGS)
