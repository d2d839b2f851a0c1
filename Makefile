# SPDX-License-Identifier: MIT
# Makefile -- the front door.  `make help` lists every public target.
#
# Each directory brings its own rules in a fragment (book/book.mk,
# labs/labs.mk, kernel/kernel.mk, ...), included below.  A fragment
#   * builds under $(B) only, and names paths relative to this directory,
#     so that a checkout whose path has spaces works;
#   * marks a public target with a trailing "## help line";
#   * adds what `make` has to build to SOFTWARE;
#   * adds a test suite NAME to SUITES and gives a rule for check-NAME that
#     runs `scripts/tap NAME -- command`, where command prints TAP.
#     SUITES_LONG is the same for what only `make check-long` runs, and
#     SUITES_ALONE for what measures time and wants nothing beside it.

B := build
CC := gcc
export CC
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := all

# Warnings are errors in CI only: a newer compiler must not stop a reader.
CSTD := -std=c11
CWARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	$(if $(CI),-Werror)
CFLAGS_HOST := $(CSTD) -D_GNU_SOURCE -O2 -g $(CWARN) -MMD -MP

SOFTWARE :=
SUITES :=
SUITES_LONG :=
SUITES_ALONE :=

.PHONY: all
all:    ## build the book and the software of the labs, say what to do next

include $(wildcard book/book.mk book/sessions/sessions.mk labs/labs.mk \
	labs/*/lab.mk kernel/kernel.mk book/programs/*/*.mk \
	explorer/explorer.mk box64-lab/box64-lab.mk scripts/scripts.mk)

all: book $(SOFTWARE)
	@scripts/next-steps

# A recipe that needs tools names `| need-GROUP`: the doctor's message is
# printed, and nothing is built, where one of that group is missing.
need-%:
	@scripts/doctor --quiet $*

.PHONY: setup doctor check check-long list-suites help clean
setup:  ## install what this machine lacks (Debian, Ubuntu; asks for sudo)
	./setup

doctor: ## say which tools are here, what each is for, how to get the rest
	@scripts/doctor

check:  ## every test (at most 15 minutes)
	@scripts/check $(SUITES) --alone $(SUITES_ALONE)

check-long: ## the tests that take longer; says at its start how long
	@scripts/check --long --alone $(SUITES_LONG)

list-suites: ## the names for make check-NAME
	@printf '%s\n' $(SUITES) $(SUITES_ALONE); printf '%s (long)\n' $(SUITES_LONG)

.PHONY: compile_commands.json
compile_commands.json: ## for clangd and editors: how each file is compiled
	@MAKE='$(MAKE)' scripts/compile-commands $(SOFTWARE)

clean:  ## remove everything that was built
	rm -rf $(B)

help:   ## this list
	@scripts/help $(MAKEFILE_LIST)
