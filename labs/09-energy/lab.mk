# SPDX-License-Identifier: MIT
# lab.mk -- lab 9: libsplit with the submission's energy.c and novelty.c in it.
# The rules for judge, parts and run-9 are those of every lab of the explorer:
# explorer/explorer.mk.
EXPLORER_LABS += 9:09-energy:energy:novelty
