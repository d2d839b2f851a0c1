# SPDX-License-Identifier: MIT
# lab.mk -- lab 8: libsplit with the submission's window.c in it.  The rules for
# judge, parts and run-8 are those of every lab of the explorer:
# explorer/explorer.mk.
EXPLORER_LABS += 8:08-window:window
