// expect: crash 0
// Not hostile, only wrong: the report has to say where.
#include "sum.h"

int
sum(int a, int b)
{
    int *p = (int *)(long)(a - a);
    return *p + b;
}
