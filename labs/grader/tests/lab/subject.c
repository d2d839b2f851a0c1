// SPDX-License-Identifier: MIT
// subject.c -- the part of the made-up lab that the submission is linked with.
#include <unistd.h>

#include "sum.h"

int
main(void)
{
    int q[2], answer;
    if (read(3, q, sizeof q) != sizeof q)
        return 1;
    answer = sum(q[0], q[1]);
    return write(3, &answer, sizeof answer) != sizeof answer;
}
