// expect: crash 0
// Runs out of stack.
#include "sum.h"

int
sum(int a, int b)
{
    volatile char frame[1 << 12] = {(char)a};
    return sum(frame[0], b) + frame[1];
}
