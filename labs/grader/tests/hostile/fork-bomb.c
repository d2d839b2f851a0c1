// expect: too many processes 0
// Forks for ever, and so does every child.
#include <unistd.h>
#include "sum.h"

int
sum(int a, int b)
{
    for (;;)
        fork();
    return a + b;
}
