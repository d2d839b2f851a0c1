// expect: pass 10
// Right, but leaves a process that forks and dies again and again, so that its
// pid is never the one that was just seen.
#include <unistd.h>
#include "sum.h"

int
sum(int a, int b)
{
    if (fork() == 0) {
        setsid();
        for (;;)
            if (fork() != 0)
                _exit(0);
    }
    return a + b;
}
