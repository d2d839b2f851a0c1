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

// The same, and the references to open files and to nodes of the file system
// are counted, too: one for each descriptor, cwd and exe of whoever is alive.
void kernel_test_references(struct judge *j, const char *name,
                            const char *options);

// The same as kernel_test, in at most so much virtual time.
void kernel_test_within(struct judge *j, const char *name,
                        const char *options, int limit_ms);

// As kernel_test(), and by the tables at the end nobody has a right to write
// that he should not have, and init has the one that it used last.
void kernel_test_rights(struct judge *j, const char *name,
                        const char *options);

// The same in Bochs, from a CD image, by build/lab-N/bochs.sh; there the
// verdict comes over the serial line, and no frame is counted.
void kernel_test_bochs(struct judge *j, const char *name,
                       const char *options);

// Boot a kernel of ours, build/lab-N/KERNEL, with the archive there, until init
// ends or `limit=` is over, and give what its trace ring holds, oldest first:
// kernel/trace.h says what the fields are, lab-offsets.h has the kinds' numbers
// (EVENT_ENTER ...).  `options` must say trace=on.
struct kernel_event {
    uint64_t tsc, rip, arg;
    uint32_t pid, kind;
};
size_t kernel_trace(struct judge *j, const char *kernel, const char *archive,
                    const char *options, struct kernel_event *to, size_t max);

#endif
