// expect: does not compile 0
// Five lines of source, four gigabytes of program.
#include "sum.h"
char big[1ul << 32] = {1};

int
sum(int a, int b)
{
    return a + b + big[a];
}
