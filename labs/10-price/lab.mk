# SPDX-License-Identifier: MIT
# lab.mk -- lab 10: the judge and the parts that a submission is built with; and
# the measuring program of `make bench-fork`.

L10_LAB := $(B)/lab-10
LAB_PARTS_10 := $(L10_LAB)/judge $(addprefix $(L10_LAB)/parts/,price.h \
	subject.o crash.o puppet)
L10_TALK := $(addprefix labs/10-price/,price.h tests/talk.h tests/world.h \
	tests/trace.h tests/places.h)
L10_FLAGS := $(filter-out -MMD -MP,$(CFLAGS_HOST)) -Ilabs/10-price

$(L10_LAB)/judge: $(addprefix labs/10-price/tests/,judge.c world.c trace.c \
		places.c) $(L10_TALK) labs/grader/judge.h $(LIBJUDGE) | need-grader
	@mkdir -p $(@D)
	$(CC) $(L10_FLAGS) -Ilabs/grader -pthread -o $@ $(filter %.c,$^) \
		$(LIBJUDGE) $(JUDGE_LIBS) -lm

$(L10_LAB)/parts/subject.o: labs/10-price/tests/subject.c $(L10_TALK) \
		| need-grader
	@mkdir -p $(@D)
	$(CC) $(L10_FLAGS) -c -o $@ $<

$(L10_LAB)/parts/crash.o: $(CRASH_OBJ)
	@mkdir -p $(@D)
	cp $< $@

# Static: it is executed with whatever environment a test gives it.
$(L10_LAB)/parts/puppet: labs/10-price/tests/puppet.c | need-grader
	@mkdir -p $(@D)
	$(CC) $(L10_FLAGS) -static -o $@ $<

$(L10_LAB)/parts/price.h: labs/10-price/price.h
	@mkdir -p $(@D)
	cp $< $@

# make run-10 [SUBMISSION=dir] [ARGS=SAMPLES].  Not graded, so not isolated
# either: what you run is your own.
L10_RUN = $(or $(SUBMISSION),labs/10-price)
.PHONY: run-10
run-10: labs/10-price/tests/run.c labs/10-price/tests/places.c $(L10_TALK) \
		| need-build
	@mkdir -p $(L10_LAB)
	@labs/submission labs/10-price
	@$(CC) $(L10_FLAGS) -pthread -o $(L10_LAB)/run $(filter %.c,$^) \
		"$(L10_RUN)/price.c" -lm
	@$(L10_LAB)/run $(ARGS)

# ---- the measuring program
L10 := $(B)/labs/10-price
BENCH_FORK := $(L10)/bench-fork
BENCH_FORK_OBJS := $(patsubst labs/10-price/bench/%.c,$(L10)/%.o, \
	$(sort $(wildcard labs/10-price/bench/*.c)))

$(L10)/%.o: labs/10-price/bench/%.c | need-build
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_HOST) -c -o $@ $<

# Static: the fewer mappings it has itself, the better it sees those it adds.
$(BENCH_FORK): $(BENCH_FORK_OBJS)
	$(CC) -static -pthread -o $@ $^ -lm

-include $(wildcard $(L10)/*.d)

SOFTWARE += $(BENCH_FORK)

.PHONY: bench-fork
bench-fork: $(BENCH_FORK) | need-build ## what a fork costs here (2 minutes; figures, plots in build/bench)
	@mkdir -p $(B)/bench
	@echo "Two minutes; whatever else runs here meanwhile is measured, too."
	@d=$(B)/bench/part; rm -rf $$d && mkdir $$d && trap "rm -rf $$d" EXIT && \
		trap 'echo "bench-fork: interrupted; $(B)/bench is as it was" \
			>&2; exit 130' INT TERM && \
		{ $(BENCH_FORK) --json $$d/fork.json --data $$d $(ARGS) \
			>$$d/fork.txt || { cat $$d/fork.txt; exit 1; }; } && \
		mv $$d/* $(B)/bench
	@cat $(B)/bench/fork.txt
	@echo "The same figures: $(B)/bench/fork.json"
	@if command -v gnuplot >/dev/null; then \
		gnuplot -e "dir='$(B)/bench'" book/scripts/figure.gp \
			labs/10-price/bench/plot.gp && \
		echo "Plots: $(B)/bench/fork-*.svg"; \
	else \
		echo "No plots: gnuplot is missing (make doctor)"; \
	fi

# What a store that saves itself by forking does to its writers: chapter 10.
.PHONY: bench-store
bench-store: $(B)/book/programs/10-price/store ## how long writes wait while a snapshot is taken (1 second)
	@mkdir -p $(B)/bench
	@$< --json $(B)/bench/store.json $(ARGS) >$(B)/bench/store.txt
	@cat $(B)/bench/store.txt
	@echo "The same, every half millisecond: $(B)/bench/store.json"

# The suite's program reads the JSON with a library that is not ours, and
# links all but the program's main() to test the parts by themselves.
L10_TESTED := $(addprefix $(L10)/,stats.o fit.o rows.o model.o hold.o ways.o \
	clock.o)
$(L10)/price_test: labs/10-price/tests/price_test.c $(L10_TESTED) | need-grader
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_HOST) -Ilabs/10-price/bench -pthread -o $@ $< \
		$(L10_TESTED) $(JUDGE_LIBS) -lm

SUITES_ALONE += price
.PHONY: check-price
check-price: $(L10)/price_test $(BENCH_FORK)
	@scripts/tap price -- $(L10)/price_test $(BENCH_FORK) \
		labs/10-price/bench/plot.gp
