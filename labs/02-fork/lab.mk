# SPDX-License-Identifier: MIT
# lab.mk -- lab 2: a kernel with the submission's fork.c in it.  The rules for
# judge, parts and run-2 are those of every lab of the kernel: kernel/kernel.mk.
KERNEL_LABS += 2:02-fork:fork:do_fork
