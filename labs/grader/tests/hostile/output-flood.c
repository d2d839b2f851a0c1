// expect: too much output 0
// Prints for ever.
#include <stdio.h>
#include "sum.h"

int
sum(int a, int b)
{
    for (;;)
        puts("All tests passed.  Score: 100 of 100.");
    return a + b;
}
