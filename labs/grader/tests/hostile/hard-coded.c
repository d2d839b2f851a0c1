// expect: wrong answer 0
// The answer to the challenge that its author was shown.
#include "sum.h"

int
sum(int a, int b)
{
    (void)a, (void)b;
    return 1013;
}
