# SPDX-License-Identifier: MIT
# labs.mk -- the grader, and the targets that every lab has.
#
# A lab is a directory labs/NN-name with a lab.ini.  Its lab.mk (included by
# the top Makefile) builds build/lab-N/judge and build/lab-N/parts/, and names
# them in LAB_PARTS_N.  `labs/grade` calls the grader with what the user said.

LABS := $(patsubst labs/%/lab.ini,%,$(wildcard labs/*/lab.ini))
# 01-supervisor -> 1
lab-number = $(patsubst 0%,%,$(firstword $(subst -, ,$(1))))

G := $(B)/labs/grader
GRADER_LIBS := -ljansson -linih -lm
JUDGE_OBJS := $(addprefix $(G)/,judge.o cell.o filter.o proc.o place.o supervise.o \
	text.o)
GRADER_OBJS := $(addprefix $(G)/,grader.o lab.o submission.o report.o \
	formats.o files.o)
GRADER := $(G)/grader $(G)/cell-run
# What a lab.mk needs to build its judge, and the visible part for crashes.
LIBJUDGE := $(G)/libjudge.a
CRASH_OBJ := $(G)/crash.o
JUDGE_LIBS := -ljansson

$(G):
	@mkdir -p $@

$(G)/%.o: labs/grader/%.c | $(G) need-grader
	$(CC) $(CFLAGS_HOST) -c -o $@ $<

$(LIBJUDGE): $(JUDGE_OBJS)
	$(AR) rcs $@ $^

$(G)/grader: $(GRADER_OBJS) $(LIBJUDGE)
	$(CC) -o $@ $^ $(GRADER_LIBS)

# Static: in a cell there may be no C library.
$(G)/cell-run: labs/grader/cell-run.c labs/grader/cell-run.h | $(G) need-grader
	$(CC) $(filter-out -MMD -MP,$(CFLAGS_HOST)) -static -o $@ $<

-include $(wildcard $(G)/*.d)

# -------------------------------------------------- what every lab has

export SUBMISSION TEST SEED FORMAT STRICT TIER YES

define lab_rules
.PHONY: lab-$(1) gdb-$(1) gdb-native-$(1) hint-$(1) watch-$(1) reset-$(1) parts-$(1)
parts-$(1): $$(GRADER) $$$$(LAB_PARTS_$(1))
lab-$(1): parts-$(1)
	@labs/grade labs/$(2)
# A lab whose programs are no programs of this machine names a target of its
# own in LAB_GDB_N.
gdb-$(1): $$$$(or $$$$(LAB_GDB_$(1)),gdb-native-$(1))
gdb-native-$(1): parts-$(1)
	@labs/grade labs/$(2) --gdb
hint-$(1): $$(GRADER)
	@labs/grade labs/$(2) --hint
watch-$(1): parts-$(1)
	@labs/watch labs/$(2) $(1)
reset-$(1):
	@labs/reset labs/$(2)
SOFTWARE += parts-$(1)
SUITES += solutions-$(1)
.PHONY: check-solutions-$(1)
check-solutions-$(1): parts-$(1) $$$$(LAB99_PARTS)
	@scripts/tap solutions-$(1) -- labs/grader/tests/solutions labs/$(2)
SUITES_LONG += steady-$(1)
.PHONY: check-steady-$(1)
check-steady-$(1): parts-$(1) $$$$(LAB99_PARTS)
	@scripts/tap steady-$(1) -- labs/grader/tests/steady \
		$$(if $$(filter $(1):%,$$(KERNEL_LABS)),--logs) labs/$(2) 50
SUITES_LONG += odds-$(1)
.PHONY: check-odds-$(1)
check-odds-$(1): parts-$(1) $$$$(LAB99_PARTS)
	@scripts/tap odds-$(1) -- labs/grader/tests/odds labs/$(2) 20
endef

.SECONDEXPANSION:
$(foreach l,$(LABS),$(eval $(call lab_rules,$(call lab-number,$(l)),$(l))))

lab-%: ## grade lab N [SUBMISSION=dir] [TEST=name] [SEED=hex] [FORMAT=f] [STRICT=1: fails unless full marks]
	@labs/grade unknown $* lab
run-%: ## build the submission of lab N and just run it [ARGS=...]
	@labs/grade unknown $* run
gdb-%: ## lab N's program in gdb, in the test TEST=name [SEED=hex]
	@labs/grade unknown $* gdb
hint-%: ## advice on the first failed test of lab N [TEST=name] [TIER=n]
	@labs/grade unknown $* hint
watch-%: ## grade lab N again whenever a file of it is saved
	@labs/grade unknown $* watch
reset-%: ## give the starter files of lab N back (asks before it overwrites)
	@labs/grade unknown $* reset

SUITES += grader hostile
.PHONY: check-grader check-hostile
check-grader: $(GRADER) $$(LAB99_PARTS)
	@scripts/tap grader -- labs/grader/tests/grader
check-hostile: $(GRADER) $$(LAB99_PARTS)
	@scripts/tap hostile -- labs/grader/tests/hostile/run

# The made-up lab of the suite `grader`, number 99.
LAB99 := $(B)/labs/grader/lab-99
LAB99_PARTS := $(LAB99)/fake-judge $(addprefix $(LAB99)/parts/,subject.o \
	crash.o sum.h) $(LAB99)/verdict $(LAB99)/listener

$(LAB99)/verdict: labs/grader/tests/verdict.c | need-grader
	@mkdir -p $(@D)
	$(CC) $(filter-out -MMD -MP,$(CFLAGS_HOST)) -o $@ $< $(JUDGE_LIBS)

$(LAB99)/listener: labs/grader/tests/listener.c | need-grader
	@mkdir -p $(@D)
	$(CC) $(filter-out -MMD -MP,$(CFLAGS_HOST)) -o $@ $<

$(LAB99)/fake-judge: labs/grader/tests/fake-judge.c $(LIBJUDGE)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_HOST) -o $@ $^ $(JUDGE_LIBS)

$(LAB99)/parts/subject.o: labs/grader/tests/lab/subject.c | need-grader
	@mkdir -p $(@D)
	$(CC) $(filter-out -MMD -MP,$(CFLAGS_HOST)) -c -o $@ $<

$(LAB99)/parts/crash.o: $(CRASH_OBJ)
	@mkdir -p $(@D)
	cp $< $@

$(LAB99)/parts/sum.h: labs/grader/tests/lab/sum.h
	@mkdir -p $(@D)
	cp $< $@
