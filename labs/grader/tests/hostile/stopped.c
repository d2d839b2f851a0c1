// expect: time-out 0
// Stops itself, so that a SIGTERM would not be acted upon.
#include <signal.h>
#include "sum.h"

int
sum(int a, int b)
{
    raise(SIGSTOP);
    return a + b;
}
