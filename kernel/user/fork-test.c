// SPDX-License-Identifier: MIT
// fork-test.c -- fork-test N: fork by int $0x80 at the addresses of the report
// that chapter 4 is about; then both count, and when the parent has counted to
// N it says how far the child came.
#include "rt.h"

// struct counts is shared by both.
struct counts {
    volatile long child, parent;
};

// fork, count in counts->parent up to n, return the child's pid.  The child
// counts in counts->child and never returns.  The parent is in the kernel most
// of the time, so a tick nearly always finds it at 0x10000059.
long fork_and_count(struct counts *counts, long n);
__asm__(
    "    .section .fork_test, \"ax\"\n"
    "fork_and_count:\n"                         // 0x10000000
    "    movq %rsi, %r8\n"
    "    .org 0x0a, 0x90\n"
    "    movl $57, %eax\n"                      // fork
    "    .org 0x0f\n"
    "    movl $1, %ecx\n"
    "    testl %ecx, %ecx\n"                    // all arithmetic flags are 0
    "    .org 0x16\n"
    "    int $0x80\n"
    "    testq %rax, %rax\n"                    // 0x10000018
    "    jne parent\n"
    "child:\n"                                  // 0x1000001d
    "    incq (%rdi)\n"
    "    jmp child\n"
    "    .org 0x42, 0x90\n"
    "parent:\n"
    "    movq %rax, %r9\n"
    "    jmp 1f\n"
    "    .org 0x52, 0x90\n"
    "1:  movl $39, %eax\n"                      // getpid
    "    int $0x80\n"
    "    incq 8(%rdi)\n"                        // 0x10000059
    "    cmpq %r8, 8(%rdi)\n"
    "    jb 1b\n"
    "    movq %r9, %rax\n"
    "    ret\n"
    "    .previous\n");

int
main(int argc, char **argv)
{
    long n = argc > 1 ? atol(argv[1]) : 100000;
    struct counts *counts = sys_mmap(0, sizeof(*counts),
                                     PROT_READ | PROT_WRITE, MAP_SHARED);
    long pid = fork_and_count(counts, n);
    if (pid < 0) {
        print("fork-test: fork failed with error %ld\n", -pid);
        return 1;
    }
    print("fork-test: the parent counted to %ld, the child to %ld\n",
          counts->parent, counts->child);
    sys_kill((int)pid, SIGKILL);
    wait_for(pid);
    return 0;
}
