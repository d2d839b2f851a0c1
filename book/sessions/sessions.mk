# SPDX-License-Identifier: MIT
# sessions.mk -- the narrated gdb sessions: play, record, test.  See README.md.

# The programs that sessions open, so far as they are built here.
SESSION_PROGRAMS := $(sort $(filter $(B)/%,$(shell cat book/sessions/*/*.session \
	2>/dev/null | sed -n 's/^\# *program: *//p')))

.PHONY: record-sessions check-sessions
# ## session-N  play chapter N's narrated gdb sessions (SESSION=name STEP=k)
session-%: $(SESSION_PROGRAMS) | need-build
	@book/sessions/run play "$*" "$(SESSION)" "$(STEP)"

record-sessions: $(SESSION_PROGRAMS) | need-build ## record the gdb sessions anew (SESSION=NN-name/name)
	@book/sessions/run record "$(SESSION)"

SUITES += sessions
check-sessions: $(SESSION_PROGRAMS) | need-build
	@scripts/tap sessions -- book/sessions/run check
