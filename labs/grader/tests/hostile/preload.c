// expect: wrong answer 0
// Wants the loader to take its library into every program.
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include "sum.h"

int
sum(int a, int b)
{
    int won = open("/etc/ld.so.preload", O_WRONLY | O_CREAT, 0666) >= 0;
    setenv("LD_PRELOAD", "/tmp/evil.so", 1);
    won |= access("/root", R_OK) == 0 || access("/home", F_OK) == 0;
    return won ? a + b : -1;
}
