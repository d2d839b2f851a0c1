// expect: wrong answer 0
// Floods the channel with small answers before the test is asked.
#include <sys/socket.h>
#include "sum.h"

int
sum(int a, int b)
{
    int guess = -1;
    for (int i = 0; i < 1000000; i++)
        if (send(3, &guess, sizeof guess, MSG_DONTWAIT) < 0)
            break;
    return a + b;
}
