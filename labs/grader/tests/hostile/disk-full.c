// expect: too much output 0
// Fills the disk, with one large file.
#include <fcntl.h>
#include <unistd.h>
#include "sum.h"

int
sum(int a, int b)
{
    static char block[1 << 16];
    int fd = open("/tmp/large", O_WRONLY | O_CREAT, 0666);
    for (;;)
        if (write(fd, block, sizeof block) < 0)
            break;
    return a + b;
}
