// SPDX-License-Identifier: MIT
// filter.h -- the system calls that no program in a cell may make.
#ifndef FILTER_H
#define FILTER_H

// A new descriptor (close-on-exec) from which bubblewrap reads a seccomp
// filter (bwrap(1), --seccomp), or -1 with errno set.
int filter_open(void);

#endif
