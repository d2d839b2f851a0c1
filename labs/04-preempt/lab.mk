# SPDX-License-Identifier: MIT
# lab.mk -- lab 4: a kernel with the submission's preempt.c in it.
KERNEL_LABS += 4:04-preempt:preempt:preempt_tick
