# SPDX-License-Identifier: MIT
# lab.mk -- lab 10's measuring program: what a fork costs on this machine.

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
	@$(BENCH_FORK) --json $(B)/bench/fork.json --data $(B)/bench $(ARGS)
	@echo "The same figures: $(B)/bench/fork.json"
	@if command -v gnuplot >/dev/null; then \
		gnuplot -e "dir='$(B)/bench'" book/scripts/figure.gp \
			labs/10-price/bench/plot.gp && \
		echo "Plots: $(B)/bench/fork-*.svg"; \
	else \
		echo "No plots: gnuplot is missing (make doctor)"; \
	fi

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
