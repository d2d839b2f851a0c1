// SPDX-License-Identifier: MIT
// sys.h -- the few system calls each timeline makes, without the C library.
// Used by child.c and run.c.  Book: chapter 8.
//
// A page of code is not copied by fork(): the child maps it anew with its first
// instruction there, 16 pages at a time, for about 3 us.  fork(), prctl() and
// _exit() lie far apart in the C library; these here lie where their callers
// do.  Each returns -errno, and leaves errno alone.
#ifndef SPLIT_SYS_H
#define SPLIT_SYS_H

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

// Sanitizers want to see the C library's own, and its fork().
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__) && \
    !defined(__SANITIZE_ADDRESS__)
#define SYS_IS_INLINE 1
#else
#define SYS_IS_INLINE 0
#endif

static inline __attribute__((always_inline)) long
sys_call(long number, long a, long b, long c, long d, long e)
{
#if SYS_IS_INLINE
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    return result;
#else
    long result = syscall(number, a, b, c, d, e);

    return result < 0 ? -errno : result;
#endif
}

static inline int
sys_prctl(int option, long argument)
{
    return (int)sys_call(SYS_prctl, option, argument, 0, 0, 0);
}

static inline pid_t
sys_getppid(void)
{
    return (pid_t)sys_call(SYS_getppid, 0, 0, 0, 0, 0);
}

static inline __attribute__((__noreturn__)) void
sys_exit(int code)
{
    for (;;)
        sys_call(SYS_exit_group, code, 0, 0, 0, 0);
}

#endif
