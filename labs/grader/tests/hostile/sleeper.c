// expect: time-out 0
// Sleeps; a grader that waits without a deadline sleeps with it.
#include <unistd.h>
#include "sum.h"

int
sum(int a, int b)
{
    sleep(3600);
    return a + b;
}
