// expect: crash 0
// Signals its own group, its session's processes, and everything it may.
#include <signal.h>
#include <unistd.h>
#include "sum.h"

int
sum(int a, int b)
{
    kill(getppid(), SIGKILL);
    kill(1, SIGKILL);
    kill(-1, SIGKILL);
    kill(0, SIGKILL);
    return a + b + 1;
}
