// expect: pass 10
// Right, but fills the scratch space with small files until no more go in.
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include "sum.h"

int
sum(int a, int b)
{
    static char block[1 << 20];
    for (int i = 0; i < 200; i++) {
        char name[64];
        snprintf(name, sizeof name, "/tmp/f%d", i);
        int fd = open(name, O_WRONLY | O_CREAT, 0666);
        if (fd < 0 || write(fd, block, sizeof block) < 0)
            break;
        close(fd);
    }
    return a + b;
}
