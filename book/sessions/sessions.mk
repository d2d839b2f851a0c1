# SPDX-License-Identifier: MIT
# sessions.mk -- the narrated gdb sessions: play, record, test.  See README.md.

# What the sessions of directories $1 open, so far as it is built here.
session_uses = $(sort $(filter $(B)/%,$(shell \
	cat book/sessions/$1/*.session /dev/null 2>/dev/null | \
	sed -n -E 's/^\# *(program|uses): *//p')))
SESSION_USES := $(call session_uses,*)

.PHONY: record-sessions check-sessions
session-%: | need-build ## play a chapter's gdb sessions to a class (SESSION=name STEP=k)
	@book/sessions/run play "$*" "$(SESSION)" "$(STEP)"

# A chapter's sessions need that chapter's programs only.
$(foreach d,$(notdir $(wildcard book/sessions/[0-9]*)),$(eval \
	session-$(patsubst 0%,%,$(firstword $(subst -, ,$d))): \
	$(call session_uses,$d)))

record-sessions: $(SESSION_USES) | need-build ## record the gdb sessions anew (SESSION=NN-name/name)
	@book/sessions/run record "$(SESSION)"

SUITES += sessions
check-sessions: $(SESSION_USES) | need-build
	@scripts/tap sessions -- book/sessions/run check
