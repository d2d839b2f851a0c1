// SPDX-License-Identifier: MIT
// crash.c -- make the kernel itself go wrong, to see its report.
#include "rt.h"

int
main(int argc, char **argv)
{
    probe(PROBE_CRASH, argc > 1 ? atol(argv[1]) : 0);
    return 0;
}
