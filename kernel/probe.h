// SPDX-License-Identifier: MIT
// probe.h -- questions of the tests to the kernel, as one system call.
#ifndef PROBE_H
#define PROBE_H

#include "base.h"

int64_t sys_probe(int op, uint64_t arg, uint64_t arg2);

#endif
