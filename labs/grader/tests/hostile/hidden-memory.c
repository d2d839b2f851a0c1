// expect: wrong answer 0
// Takes memory where no process has it mapped: files without a name, System V
// segments, the file systems that a cell needs not to be able to write to.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>
#include "sum.h"

static long
fill(int fd)
{
    static char block[1 << 20];
    long n = 0;
    while (fd >= 0 && n < 8 && write(fd, block, sizeof block) > 0)
        n++;
    return n;
}

int
sum(int a, int b)
{
    long megabytes = 0;
    for (int i = 0; i < 20; i++) {
        char name[64];
        megabytes += fill(memfd_create("hidden", 0));
        snprintf(name, sizeof name, "/dev/f%d", i);
        megabytes += fill(open(name, O_WRONLY | O_CREAT, 0666));
        snprintf(name, sizeof name, "/dev/shm/f%d", i);
        megabytes += fill(open(name, O_WRONLY | O_CREAT, 0666));
        int id = shmget(IPC_PRIVATE, 64 << 20, IPC_CREAT | 0600);
        char *p = id < 0 ? (char *)-1 : shmat(id, NULL, 0);
        if (p != (char *)-1) {
            memset(p, 1, 64 << 20);
            shmdt(p);
            megabytes += 64;
        }
    }
    return megabytes > 100 ? a + b : -1;
}
