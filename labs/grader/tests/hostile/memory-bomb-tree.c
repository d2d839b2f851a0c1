// expect: out of memory 0
// The same, spread over children, none of which takes much.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "sum.h"

int
sum(int a, int b)
{
    for (int i = 0; i < 10; i++)
        if (fork() == 0) {
            char *p = malloc(10 << 20);
            if (p)
                memset(p, i + 1, 10 << 20);
            for (;;)
                pause();
        }
    for (;;)
        pause();
    return a + b;
}
