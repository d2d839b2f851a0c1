// expect: pass 10
// Right, but leaves a daemon behind: two forks, a session of its own.
#include <unistd.h>
#include "sum.h"

int
sum(int a, int b)
{
    if (fork() == 0) {
        setsid();
        if (fork() == 0)
            for (;;)
                pause();
        _exit(0);
    }
    return a + b;
}
