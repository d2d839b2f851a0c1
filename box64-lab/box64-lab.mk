# SPDX-License-Identifier: MIT
# box64-lab.mk -- the ghosts: a small dynarec of our own, and the real box64.

BOX := box64-lab
BB := $(B)/box64

# ----------------------------------------------------------------- the real one

# What the book's runs of the real box64 copy (it may be empty), and, as
# build/box64/box64, what they need.
$(BB):
	@mkdir -p $@

# Only this target needs a network.  `make box64` succeeds where none can be
# had: it says so, and the suite box64 counts as skipped.
.PHONY: box64
box64: | need-box64 ## get the arm64 box64 by apt (or BOX64=path), say which it is
	@mkdir -p "$(BB)"
	@[ -z "$${BOX64:-}" ] || $(BOX)/with-box64 --check
	@$(BOX)/with-box64 --which >/dev/null 2>&1 || $(BOX)/fetch $(BB) || \
		[ $$? = 75 ]
	@rm -f "$(BB)/box64"
	@$(BOX)/with-box64 --which >/dev/null && \
		$(BOX)/with-box64 --version | tee $(BB)/version && \
		printf '#!/bin/sh\nexec $(BOX)/with-box64 "$$@"\n' >$(BB)/box64 && \
		chmod +x $(BB)/box64 || \
		echo "box64: none here; what needs it is skipped"
	@[ ! -e "$(BB)/origin" ] || cat "$(BB)/origin"

# ------------------------------------------------------------- the small dynarec

DY := $(BOX)/dynarec
BD := $(B)/dynarec
DY_SRC := $(DY)/cache.c $(DY)/dyn.c $(DY)/interp.c $(DY)/translate.c
DY_HDR := $(wildcard $(DY)/*.h)
DY_WRONG := $(notdir $(basename $(wildcard $(DY)/tests/wrong/*.c)))
DY_TESTS := random random-tsan random-asan ghosts ghosts-tsan ghosts-asan \
	$(DY_WRONG:%=ghosts-%)
DY_CC = $(CC) $(CSTD) -I$(DY) -D_GNU_SOURCE -O2 -g $(CWARN) -pthread -o $@

# Emitted code is x86-64; elsewhere the suite counts as skipped.
DY_HOST := $(filter x86_64,$(shell uname -m))

$(BD):
	mkdir -p $@

$(BD)/%.o: $(DY)/%.c $(DY_HDR) | $(BD) need-build
	$(CC) $(CFLAGS_HOST) -pthread -c -o $@ $<

DY_OBJ := $(DY_SRC:$(DY)/%.c=$(BD)/%.o)

$(BD)/random $(BD)/ghosts: $(BD)/%: $(DY)/tests/%.c $(DY_OBJ) $(BD)/inuse.o
	$(DY_CC) $^
$(BD)/ghosts-%: $(DY)/tests/ghosts.c $(DY)/tests/wrong/%.c $(DY_OBJ)
	$(DY_CC) $^
$(BD)/show: $(DY)/show.c $(DY_OBJ) $(BD)/inuse.o
	$(DY_CC) $^
$(BD)/show-%: $(DY)/show.c $(DY)/tests/wrong/%.c $(DY_OBJ)
	$(DY_CC) $^
$(BD)/random-asan $(BD)/ghosts-asan: $(BD)/%-asan: $(DY)/tests/%.c $(DY_SRC) \
		$(DY)/inuse.c $(DY_HDR) | $(BD) need-build
	$(DY_CC) -fsanitize=address,undefined $(filter %.c,$^)
$(BD)/random-tsan $(BD)/ghosts-tsan: $(BD)/%-tsan: $(DY)/tests/%.c $(DY_SRC) \
		$(DY)/inuse.c $(DY_HDR) | $(BD) need-build
	$(DY_CC) -fsanitize=thread $(filter %.c,$^)

.PHONY: dynarec-show check-dynarec check-dynarec-long
dynarec-show: $(BD)/show $(BD)/show-kept $(BD)/show-zero ## the small dynarec's counters: as box64, set to 0, repaired
	@for s in show-kept show-zero show; do \
		echo "$$s:"; $(BD)/$$s; echo; done
ifneq ($(DY_HOST),)
SOFTWARE += $(BD)/show $(BD)/show-kept $(BD)/show-zero
check-dynarec: $(DY_TESTS:%=$(BD)/%) $(BD)/show $(BD)/show-kept $(BD)/show-zero
	@scripts/tap dynarec -- $(DY)/tests/suite $(BD)
check-dynarec-long: $(DY_TESTS:%=$(BD)/%)
	@scripts/tap dynarec-long -- $(DY)/tests/suite $(BD) long
else
check-dynarec check-dynarec-long: check-%:
	@scripts/tap $* -- printf '1..1\nok 1 - dynarec # SKIP not x86-64\n'
endif
SUITES += dynarec
SUITES_LONG += dynarec-long

# --------------------------------------------------- the probe, the test program

BG := $(B)/box64-lab
PROBE_SRC := $(BOX)/probe/probe.c $(BOX)/probe/target.c
PROBE_HDR := $(wildcard $(BOX)/probe/*.h)

# The guest is an x86-64 program wherever it is built; its functions keep the
# addresses that they have in the file.
X86_64_CC := $(if $(DY_HOST),$(CC),x86_64-linux-gnu-gcc)
# The constants of repro/main.c: make box64-ghosts REPRO_FLAGS=-DNUM_WORKERS=4
REPRO_FLAGS :=

$(BG):
	mkdir -p $@

$(BG)/probe: $(BOX)/probe/main.c $(PROBE_SRC) $(PROBE_HDR) | $(BG) need-build
	$(CC) $(CSTD) -D_GNU_SOURCE -O2 -g $(CWARN) -o $@ $(filter %.c,$^)
$(BG)/watch: $(BOX)/repro/watch.c $(PROBE_SRC) $(PROBE_HDR) | $(BG) need-build
	$(CC) $(CSTD) -D_GNU_SOURCE -O2 -g $(CWARN) -o $@ $(filter %.c,$^)
$(BG)/fake: $(BOX)/probe/fake.c | $(BG) need-build
	$(CC) $(CSTD) -D_GNU_SOURCE -O2 -g $(CWARN) -o $@ $<
$(BG)/main: $(BOX)/repro/main.c $(BOX)/repro/hot.S | $(BG) need-build
	$(X86_64_CC) $(CSTD) -D_GNU_SOURCE -O1 -g $(CWARN) $(REPRO_FLAGS) \
		-no-pie -pthread -o $@ $^

BOX64_LAB := $(BG)/probe $(BG)/watch $(BG)/main
ifneq ($(DY_HOST),)
SOFTWARE += $(BOX64_LAB)
endif

.PHONY: box64-ghosts box64-stress box64-repair bench-box64-leak check-box64 \
	check-box64-long
box64-ghosts: $(BOX64_LAB) ## the report's program on the real box64, its counters measured
	@$(BG)/watch $(BG)/main
box64-stress: $(BOX64_LAB) ## the same, five forks with grandchildren
	@$(BG)/watch $(BG)/main -- --stress
box64-repair: $(BOX64_LAB) ## the same, gdb puts the child's counters right; the blocks are freed
	@$(BG)/watch $(BG)/main --repair scan
bench-box64-leak: $(BOX64_LAB) ## what the ghosts keep: threads against distinct blocks
	@mkdir -p $(B)/bench
	@$(BG)/watch $(BG)/main --leak --json $(B)/bench/box64-leak.json

.PHONY: box64-patch
box64-patch: ## put the repair into your box64 source tree: BOX64_SRC=dir
	@$(BOX)/patches/apply "$(BOX64_SRC)"

.PHONY: check-box64-patched
check-box64-patched: $(BOX64_LAB) ## tests of a box64 that has the repair: BOX64=path
	@[ -n "$${BOX64:-}" ] || { \
		echo "check-box64-patched: say BOX64=path, a box64 that has the" \
			"repair (make box64-patch puts it into a source tree)"; \
		exit 64; } >&2
	@$(BOX)/with-box64 --check
	@scripts/tap box64-patched -- $(BOX)/suite $(B) patched

ifneq ($(shell command -v $(X86_64_CC)),)
check-box64: $(BOX64_LAB) $(BG)/fake
	@scripts/tap box64 -- $(BOX)/suite $(B)
check-box64-long: $(BOX64_LAB)
	@scripts/tap box64-long -- $(BOX)/suite $(B) long
else
check-box64 check-box64-long: check-%:
	@scripts/tap $* -- printf '1..1\nok 1 - box64 # SKIP no %s\n' \
		$(X86_64_CC)
endif
SUITES += box64
SUITES_LONG += box64-long
