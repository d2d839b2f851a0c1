// expect: no answer 0
// Exits with status 0 before main() runs.
#include <unistd.h>
#include "sum.h"

__attribute__((constructor)) static void
before_main(void)
{
    _exit(0);
}

int
sum(int a, int b)
{
    return a - b;
}
