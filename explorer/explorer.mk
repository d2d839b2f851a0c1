# SPDX-License-Identifier: MIT
# explorer.mk -- libsplit: the library, its examples, tests and benchmarks.

EX := $(B)/explorer
EX_VERSION := 1.0.0
EX_SO := libsplit.so.1
EX_SRC := $(sort $(wildcard explorer/src/*.c))
EX_CFLAGS = $(CFLAGS_HOST) -Iexplorer/include -Iexplorer/src \
	-fvisibility=hidden
EX_OBJ := $(EX_SRC:explorer/src/%.c=$(EX)/obj/%.o)
EX_PIC := $(EX_SRC:explorer/src/%.c=$(EX)/pic/%.o)
EX_LIB := $(EX)/libsplit.a $(EX)/$(EX_SO)

SOFTWARE += explorer

.PHONY: explorer
explorer: $(EX_LIB)  ## build libsplit and its examples

$(EX)/obj/%.o: explorer/src/%.c | need-build
	@mkdir -p "$(@D)"
	$(CC) $(EX_CFLAGS) -c $< -o $@

$(EX)/pic/%.o: explorer/src/%.c | need-build
	@mkdir -p "$(@D)"
	$(CC) $(EX_CFLAGS) -fPIC -c $< -o $@

$(EX)/libsplit.a: $(EX_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

$(EX)/$(EX_SO): $(EX_PIC)
	$(CC) -shared -Wl,-soname,$(EX_SO) -o $@ $^
	ln -sf $(EX_SO) $(EX)/libsplit.so

-include $(EX_OBJ:.o=.d) $(EX_PIC:.o=.d)

# ---- tests -----------------------------------------------------------------

EX_T := $(EX)/tests
EX_TEST_CFLAGS = $(CFLAGS_HOST) -Iexplorer/include -Iexplorer/src \
	-Iexplorer/tests

$(EX_T)/%.o: explorer/tests/%.c | need-build
	@mkdir -p "$(@D)"
	$(CC) $(EX_TEST_CFLAGS) -c $< -o $@

$(EX_T)/defects-ours: $(EX_T)/defects.o $(EX_T)/subject_ours.o $(EX)/libsplit.a
	$(CC) -o $@ $^

$(EX_T)/defects-model: $(EX_T)/defects.o $(EX_T)/model_original/model.o
	$(CC) -o $@ $^

SUITES += explorer-defects
.PHONY: check-explorer-defects
check-explorer-defects: $(EX_T)/defects-ours $(EX_T)/defects-model
	scripts/tap explorer-defects -- explorer/tests/run-defects \
		$(EX_T)/defects-ours $(EX_T)/defects-model

-include $(wildcard $(EX_T)/*.d $(EX_T)/*/*.d)

$(EX_T)/suite: $(EX_T)/suite.o $(EX_T)/model_tree.o $(EX)/libsplit.a
	$(CC) -o $@ $^

SUITES += explorer
.PHONY: check-explorer
check-explorer: $(EX_T)/suite
	scripts/tap explorer -- $(EX_T)/suite

# ---- benchmarks ------------------------------------------------------------

EX_BENCH := $(EX)/bench
$(EX_BENCH)/%: explorer/bench/%.c $(EX)/libsplit.a | need-build
	@mkdir -p "$(@D)"
	$(CC) $(CFLAGS_HOST) -Iexplorer/include -static -o $@ $< \
		$(EX)/libsplit.a -lm

.PHONY: bench-explorer bench-chain
bench-explorer: $(EX_BENCH)/bench_explorer  ## timelines per second, against raw fork (some minutes)
	@mkdir -p $(B)/bench
	taskset -c 0 $(EX_BENCH)/bench_explorer $(B)/bench/explorer.json

bench-chain: $(EX_BENCH)/bench_chain  ## timelines to a bug behind k rare events
	@mkdir -p $(B)/bench
	$(EX_BENCH)/bench_chain $(B)/bench/chain.json

-include $(wildcard $(EX_BENCH)/*.d)

# ---- examples --------------------------------------------------------------

EX_EXAMPLES := maze dungeon lock consensus sched
EX_EX := $(EX)/examples

explorer: $(EX_EXAMPLES:%=$(EX_EX)/%)

$(EX_EX)/%.o: explorer/examples/%.c | need-build
	@mkdir -p "$(@D)"
	$(CC) $(CFLAGS_HOST) -Iexplorer/include -c $< -o $@

$(EX_EXAMPLES:%=$(EX_EX)/%): $(EX_EX)/%: $(EX_EX)/%.o $(EX_EX)/example.o \
		$(EX)/libsplit.a
	$(CC) -o $@ $^

SUITES += explorer-examples
.PHONY: check-explorer-examples
check-explorer-examples: $(EX_EXAMPLES:%=$(EX_EX)/%)
	scripts/tap explorer-examples -- explorer/tests/run-examples $(EX_EX)

-include $(wildcard $(EX_EX)/*.d)
