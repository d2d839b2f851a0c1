// expect: no answer 0
// Threads until there are no more, each of them waiting, and then gives up.
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
#include "sum.h"

static void *
wait_for_ever(void *arg)
{
    pause();
    return arg;
}

int
sum(int a, int b)
{
    pthread_t t;
    for (int i = 0; i < 100000; i++)
        if (pthread_create(&t, NULL, wait_for_ever, NULL) != 0)
            exit(3);  // the limit on processes is one on threads
    return a + b;
}
