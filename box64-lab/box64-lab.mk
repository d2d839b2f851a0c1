# SPDX-License-Identifier: MIT
# box64-lab.mk -- the ghosts: a small dynarec of our own, and the real box64.

BOX := box64-lab
BB := $(B)/box64

# ----------------------------------------------------------------- the real one

# Only this target needs a network.  `make box64` succeeds where none can be
# had: it says so, and the suite box64 counts as skipped.
.PHONY: box64
box64: | need-box64 ## get the arm64 box64 by apt (or BOX64=path), say which it is
	@mkdir -p "$(BB)"
	@$(BOX)/with-box64 --which >/dev/null 2>&1 || $(BOX)/fetch $(BB) || \
		[ $$? = 75 ]
	@$(BOX)/with-box64 --which >/dev/null && \
		$(BOX)/with-box64 --version | tee $(BB)/version || \
		echo "box64: none here; what needs it is skipped"
	@[ ! -e "$(BB)/origin" ] || cat "$(BB)/origin"
