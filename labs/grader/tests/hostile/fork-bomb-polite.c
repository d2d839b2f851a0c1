// expect: too many processes 0
// Forks for ever; the children wait instead of forking, so none is reaped.
#include <unistd.h>
#include "sum.h"

int
sum(int a, int b)
{
    for (;;)
        if (fork() == 0)
            for (;;)
                pause();
    return a + b;
}
