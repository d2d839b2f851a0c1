# SPDX-License-Identifier: MIT
# lab-dir.mk -- make, in a lab's directory, is make at the front door.
# Included by labs/NN-name/Makefile, which names the default goal, lab-N.
# A relative SUBMISSION= is taken from the lab's directory.

ifneq ($(SUBMISSION),)
ifeq ($(filter /%,$(firstword $(SUBMISSION))),)
override SUBMISSION := labs/$(notdir $(shell pwd))/$(SUBMISSION)
endif
endif

.PHONY: FORCE
Makefile ../lab-dir.mk: ;
%: FORCE
	@$(MAKE) --no-print-directory -C ../.. SUBMISSION='$(SUBMISSION)' $@
FORCE: ;
