# SPDX-License-Identifier: MIT
# lab.mk -- lab 7: libsplit with the submission's split.c in it.  The rules for
# judge, parts and run-7 are those of every lab of the explorer:
# explorer/explorer.mk.
EXPLORER_LABS += 7:07-split:split
