# SPDX-License-Identifier: MIT
# lab.mk -- lab 8: libsplit with the submission's window.c in it.  The rules for
# judge, parts and run-8 are those of every lab of the explorer:
# explorer/explorer.mk.
EXPLORER_LABS += 8:08-window:window

# The chapter's programs that explore: with libsplit, and one also with the
# model of the design that it descends from.
L8_BOOK := $(B)/lab-8/book
L8_SIM := book/programs/08-window/sim
L8_CFLAGS = $(filter-out -O2 -MMD -MP,$(CFLAGS_HOST)) -O0 \
	-Iexplorer/include -Iexplorer/src

$(L8_BOOK)/%: $(L8_SIM)/%.c $(B)/explorer/libsplit.a | need-build
	@mkdir -p $(@D)
	$(CC) $(L8_CFLAGS) -o $@ $^

$(L8_BOOK)/crowd-model: $(L8_SIM)/crowd.c $(B)/explorer/tests/model_original/model.o
	@mkdir -p $(@D)
	$(CC) $(L8_CFLAGS) -o $@ $^

# Cost against memory, on this machine: the data of the chapter's figure.
.PHONY: record-bench-8
record-bench-8: bench-explorer  ## measure chapter 8's cost against memory anew (some minutes)
	awk -v machine="$$(lscpu | sed -n 's/^Model name: *//p' | head -n 1)" \
		-f book/programs/08-window/memory.awk $(B)/bench/explorer.json \
		>book/figures/08-window/memory.dat
