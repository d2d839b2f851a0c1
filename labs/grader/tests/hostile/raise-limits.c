// expect: too many processes 0
// Lifts its limits first.
#include <sys/resource.h>
#include <unistd.h>
#include "sum.h"

int
sum(int a, int b)
{
    struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
    for (int i = 0; i < RLIM_NLIMITS; i++)
        setrlimit(i, &none);
    for (;;)
        fork();
    return a + b;
}
