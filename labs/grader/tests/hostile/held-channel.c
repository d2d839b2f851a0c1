// expect: no answer 0
// Ends, but leaves a child that holds the channel open.
#include <unistd.h>
#include "sum.h"

int
sum(int a, int b)
{
    if (fork() == 0)
        for (;;)
            pause();
    _exit(0);
    return a + b;
}
