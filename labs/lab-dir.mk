# SPDX-License-Identifier: MIT
# lab-dir.mk -- make, in a lab's directory, is make at the front door.
# Included by labs/NN-name/Makefile, which names the default goal, lab-N.
# Here `make hint` is `make hint-N`, and so on.  A relative SUBMISSION= is taken
# from the lab's directory.

ifneq ($(SUBMISSION),)
ifeq ($(filter /%,$(firstword $(SUBMISSION))),)
override SUBMISSION := labs/$(notdir $(shell pwd))/$(SUBMISSION)
endif
endif

FRONT_DOOR = @$(MAKE) --no-print-directory -C ../.. SUBMISSION='$(SUBMISSION)'

.PHONY: FORCE lab run gdb hint watch reset session
Makefile ../lab-dir.mk: ;
lab run gdb hint watch reset session:
	$(FRONT_DOOR) $@-$(patsubst lab-%,%,$(.DEFAULT_GOAL))
%: FORCE
	$(FRONT_DOOR) $@
FORCE: ;
