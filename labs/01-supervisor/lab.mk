# SPDX-License-Identifier: MIT
# lab.mk -- lab 1: the supervisor's own test.

# The test includes supervise.c, to get at its parts.
$(B)/labs/grader/supervise_test: labs/grader/tests/supervise_test.c \
		labs/grader/supervise.c labs/grader/supervise.h | need-build
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_HOST) -Ilabs/grader -o $@ $<

SUITES += supervise
.PHONY: check-supervise
check-supervise: $(B)/labs/grader/supervise_test
	@scripts/tap supervise -- $<
