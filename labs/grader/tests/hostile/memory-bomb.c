// expect: out of memory 0
// Takes all the memory that it can get, and touches it.
#include <stdlib.h>
#include <string.h>
#include "sum.h"

int
sum(int a, int b)
{
    for (;;) {
        char *p = malloc(1 << 20);
        if (p)
            memset(p, 1, 1 << 20);
    }
    return a + b;
}
