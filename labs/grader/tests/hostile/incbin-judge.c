// expect: does not compile 0
// Takes the judge into the program, to read the answers there.
#include "sum.h"
__asm__(".incbin \"@TOP@/labs/grader/tests/fake-judge.c\"");

int
sum(int a, int b)
{
    return a + b;
}
