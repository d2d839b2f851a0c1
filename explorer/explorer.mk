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
	taskset -c 0 $(EX_BENCH)/bench_explorer $(B)/bench/explorer.json.part
	@mv $(B)/bench/explorer.json.part $(B)/bench/explorer.json

bench-chain: $(EX_BENCH)/bench_chain $(EX_BENCH)/chain_model  ## timelines to a bug behind k rare events (some minutes)
	@mkdir -p $(B)/bench
	$(EX_BENCH)/bench_chain $(B)/bench/chain.json.part $(EX_BENCH)/chain_model
	@mv $(B)/bench/chain.json.part $(B)/bench/chain.json

# The same events, on the model that the defects are shown on.
$(EX_BENCH)/chain_model: explorer/bench/chain_model.c \
		$(EX_T)/model_original/model.o
	@mkdir -p "$(@D)"
	$(CC) $(CFLAGS_HOST) -Iexplorer/include -static -o $@ $^

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

# The same, library and all, for a debugger: without optimisation.
$(EX)/debug/%: explorer/examples/%.c explorer/examples/example.c $(EX_SRC) \
		$(wildcard explorer/src/*.h) | need-build
	@mkdir -p "$(@D)"
	$(CC) $(CSTD) -D_GNU_SOURCE -O0 -g -Iexplorer/include -Iexplorer/src \
		-o $@ $(filter %.c,$^)

# ---- chaos, sanitizers -----------------------------------------------------

$(EX_T)/chaos: $(EX_T)/chaos.o $(EX)/libsplit.a
	$(CC) -o $@ $^

SUITES += explorer-chaos
SUITES_LONG += explorer-chaos-long
.PHONY: check-explorer-chaos check-explorer-chaos-long
check-explorer-chaos: $(EX_T)/chaos
	scripts/tap explorer-chaos -- $(EX_T)/chaos 100

check-explorer-chaos-long: $(EX_T)/chaos
	scripts/tap explorer-chaos-long -- $(EX_T)/chaos 2000 7

# The library and its suite once more, compiled with sanitizers; and with
# clang, for the edges its compiler counts.
EX_SAN := $(EX)/san
EX_SAN_FLAGS := -std=c11 -D_GNU_SOURCE -O1 -g -Iexplorer/include \
	-Iexplorer/src -Iexplorer/tests -fsanitize=address,undefined \
	-fno-sanitize-recover=all -fno-omit-frame-pointer
$(EX_SAN)/suite: $(EX_SRC) explorer/tests/suite.c explorer/tests/model_tree.c \
		$(wildcard explorer/src/*.h explorer/tests/*.h)
	@mkdir -p "$(@D)"
	$(CC) $(EX_SAN_FLAGS) -o $@ $(filter %.c,$^)

# Each alone, and both in one process, with a runtime each.
$(EX_SAN)/buggy-address $(EX_SAN)/buggy-undefined \
		$(EX_SAN)/buggy-address,undefined: $(EX_SAN)/buggy-%: \
		explorer/tests/buggy.c $(EX)/libsplit.a
	@mkdir -p "$(@D)"
	$(CC) -std=c11 -D_GNU_SOURCE -O1 -g -Iexplorer/include -fsanitize=$* \
		-fno-sanitize-recover=all -o $@ $^

# libsplit is the counters' runtime; clang's own may not even be installed.
$(EX_SAN)/edges: explorer/tests/buggy.c $(EX)/libsplit.a | need-explorer
	@mkdir -p "$(@D)"
	clang -std=c11 -D_GNU_SOURCE -O1 -g -Iexplorer/include \
		-fsanitize-coverage=inline-8bit-counters,pc-table \
		-fno-sanitize-link-runtime -o $@ $^

SUITES += explorer-sanitizers
.PHONY: check-explorer-sanitizers
check-explorer-sanitizers: $(EX_SAN)/suite $(EX_SAN)/buggy-address \
		$(EX_SAN)/buggy-undefined $(EX_SAN)/buggy-address,undefined \
		$(EX_SAN)/edges $(EX_T)/suite
	scripts/tap explorer-sanitizers -- explorer/tests/run-sanitizers \
		$(EX_SAN) $(EX_T)/suite

# ---- install ---------------------------------------------------------------

PREFIX ?= /usr/local

.PHONY: install-explorer
install-explorer: $(EX_LIB)  ## install libsplit (PREFIX, DESTDIR)
	install -d "$(DESTDIR)$(PREFIX)/include" \
		"$(DESTDIR)$(PREFIX)/lib/pkgconfig" \
		"$(DESTDIR)$(PREFIX)/share/man/man3" \
		"$(DESTDIR)$(PREFIX)/share/man/man7"
	install -m 644 explorer/include/split.h "$(DESTDIR)$(PREFIX)/include/"
	install -m 644 $(EX)/libsplit.a "$(DESTDIR)$(PREFIX)/lib/"
	install -m 755 $(EX)/$(EX_SO) "$(DESTDIR)$(PREFIX)/lib/"
	ln -sf $(EX_SO) "$(DESTDIR)$(PREFIX)/lib/libsplit.so"
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(EX_VERSION)|' \
		explorer/split.pc.in >"$(DESTDIR)$(PREFIX)/lib/pkgconfig/split.pc"
	install -m 644 explorer/man/split_run.3 explorer/man/split_arena.3 \
		"$(DESTDIR)$(PREFIX)/share/man/man3/"
	install -m 644 explorer/man/split.7 \
		"$(DESTDIR)$(PREFIX)/share/man/man7/"

SUITES += explorer-install
.PHONY: check-explorer-install
check-explorer-install: $(EX_LIB)
	scripts/tap explorer-install -- explorer/tests/run-install

# ---- labs ------------------------------------------------------------------

# $(call explorer_lab,N,NN-name,files): the judge (tests/*.c but subject.c, with
# explorer/lab/xjudge.c), and the parts that the submission's files are built
# with: every header of the library, and in rest.a every object but those that
# the submission replaces; subject.o, xsubject.o, crash.o.  run-N builds an
# example (EXAMPLE=lock) with the submission in it.
EX_LAB_HEADERS := $(notdir $(wildcard explorer/src/*.h)) split.h xtalk.h
EX_LAB_CFLAGS = $(filter-out -MMD -MP,$(CFLAGS_HOST)) -Iexplorer/include \
	-Iexplorer/src -Iexplorer/lab
EXAMPLE ?= lock

$(EX)/lab/xsubject.o: explorer/lab/xsubject.c explorer/lab/xtalk.h | need-build
	@mkdir -p "$(@D)"
	$(CC) $(EX_LAB_CFLAGS) -c -o $@ $<

define explorer_lab
LAB_PARTS_$(1) := $$(B)/lab-$(1)/judge $$(addprefix $$(B)/lab-$(1)/parts/, \
	$$(EX_LAB_HEADERS) rest.a subject.o xsubject.o crash.o)

$$(B)/lab-$(1)/judge: $$(filter-out %/subject.c,$$(wildcard \
		labs/$(2)/tests/*.c)) explorer/lab/xjudge.c \
		$$(wildcard labs/$(2)/tests/*.h explorer/lab/*.h \
		explorer/src/*.h explorer/include/*.h) \
		labs/grader/judge.h $$(EX)/libsplit.a $$(LIBJUDGE) | need-grader
	@mkdir -p $$(@D)
	$$(CC) $$(EX_LAB_CFLAGS) -Ilabs/grader -o $$@ $$(filter %.c,$$^) \
		$$(LIBJUDGE) $$(EX)/libsplit.a $$(JUDGE_LIBS) -lm

$$(B)/lab-$(1)/parts/rest.a: $$(filter-out $$(patsubst %,$$(EX)/obj/%.o, \
		$(3)),$$(EX_OBJ))
	@mkdir -p $$(@D)
	rm -f $$@
	$$(AR) rcs $$@ $$^

$$(B)/lab-$(1)/parts/subject.o: labs/$(2)/tests/subject.c $$(wildcard \
		labs/$(2)/tests/*.h explorer/lab/*.h explorer/src/*.h \
		explorer/include/*.h) | need-build
	@mkdir -p $$(@D)
	$$(CC) $$(EX_LAB_CFLAGS) -c -o $$@ $$<

$$(B)/lab-$(1)/parts/xsubject.o: $$(EX)/lab/xsubject.o
	@mkdir -p $$(@D)
	cp $$< $$@

$$(B)/lab-$(1)/parts/crash.o: $$(CRASH_OBJ)
	@mkdir -p $$(@D)
	cp $$< $$@

$$(B)/lab-$(1)/parts/%.h: explorer/src/%.h
	@mkdir -p $$(@D)
	cp $$< $$@

$$(B)/lab-$(1)/parts/%.h: explorer/include/%.h
	@mkdir -p $$(@D)
	cp $$< $$@

$$(B)/lab-$(1)/parts/%.h: explorer/lab/%.h
	@mkdir -p $$(@D)
	cp $$< $$@

# Not graded, so not isolated either: what you run is your own.
.PHONY: run-$(1)
run-$(1): $$(B)/lab-$(1)/parts/rest.a $$(EX_EX)/example.o \
		$$(EX_EXAMPLES:%=$$(EX_EX)/%.o)
	@$$(if $$(and $$(filter $$(EX_EXAMPLES),$$(EXAMPLE)), \
		$$(filter 1,$$(words $$(EXAMPLE)))),:,echo \
		'EXAMPLE=$$(EXAMPLE): no such example; there are' \
		'$$(EX_EXAMPLES)' >&2; exit 64)
	@labs/submission labs/$(2)
	@$$(CC) $$(EX_LAB_CFLAGS) -o $$(B)/lab-$(1)/$$(EXAMPLE) \
		$$(foreach f,$(3),"$$(or $$(SUBMISSION),labs/$(2))/$$(f).c") \
		$$(EX_EX)/$$(EXAMPLE).o $$(EX_EX)/example.o \
		$$(B)/lab-$(1)/parts/rest.a
	@$$(B)/lab-$(1)/$$(EXAMPLE) $$(ARGS)
endef

# A lab's lab.mk says EXPLORER_LABS += N:NN-name:file, or :file:file where it
# replaces two.
$(foreach l,$(EXPLORER_LABS),$(eval $(call explorer_lab,$(word 1,$(subst \
	:, ,$(l))),$(word 2,$(subst :, ,$(l))),$(wordlist 3,9,$(subst \
	:, ,$(l))))))
