# SPDX-License-Identifier: MIT
# lab.mk -- lab 3: a kernel with the submission's cow.c in it.  The rules for
# judge, parts and run-3 are those of every lab of the kernel: kernel/kernel.mk.
KERNEL_LABS += 3:03-cow:cow:cow_share
