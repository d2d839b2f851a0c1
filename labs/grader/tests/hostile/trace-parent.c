// expect: wrong answer 0
// Tries to trace and to rewrite whoever started it.
#include <fcntl.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <unistd.h>
#include "sum.h"

int
sum(int a, int b)
{
    char zero[4096] = {0};
    struct iovec here = {zero, sizeof zero}, there = {(void *)0x400000, 4096};
    int won = 0;
    for (int pid = 1; pid < 64; pid++) {
        char path[64];
        if (pid == getpid())
            continue;
        won |= ptrace(PTRACE_ATTACH, pid, 0, 0) == 0;
        won |= process_vm_writev(pid, &here, 1, &there, 1, 0) > 0;
        snprintf(path, sizeof path, "/proc/%d/mem", pid);
        won |= open(path, O_RDWR) >= 0;
    }
    return won ? a + b : -1;  // the answer tells the test whether it worked
}
