// SPDX-License-Identifier: MIT
// kjudge.h -- what the judges of the kernel's labs have in common: boot the
// submission's kernel in a cell, read the verdict from the machine's memory,
// count its frames from outside.
#ifndef KJUDGE_H
#define KJUDGE_H

#include "judge.h"

// Boot kernel.elf with build/lab-N/guest.cpio, whose init is the lab's program
// `guest`, and let it run test `name`.  Ends the test with what is wrong: a
// panic, no answer in time, a failed check, frames that are lost or counted
// wrongly at the end.  `options` are the kernel's.
void kernel_test(struct judge *j, const char *name, const char *options);

#endif
