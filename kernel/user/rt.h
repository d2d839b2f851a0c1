// SPDX-License-Identifier: MIT
// rt.h -- the small C library of the user programs: system calls by Linux's
// numbers, so that the same program also runs on Linux.
#ifndef RT_H
#define RT_H

#include <stdarg.h>
#include <stdbool.h>
#include "../abi.h"

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

// Raw system calls: the result or -errno.  `call_int80` is the other way in.
long call6(long n, long a, long b, long c, long d, long e, long f);
long call_int80(long n, long a, long b, long c);

// As in Linux's manual, but errors are returned as -errno.
static inline long
sys_fork(void)
{
    return call6(SYS_fork, 0, 0, 0, 0, 0, 0);
}
// Inline: the child must not use up the return address on the stack that it
// shares with its parent.
static inline __attribute__((always_inline)) long
sys_vfork(void)
{
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"((long)SYS_vfork)
                     : "rcx", "r11", "memory");
    return result;
}

static inline long
sys_wait4(int pid, int *status, int options)
{
    return call6(SYS_wait4, pid, (long)status, options, 0, 0, 0);
}
static inline long
sys_read(int fd, void *buf, size_t n)
{
    return call6(SYS_read, fd, (long)buf, (long)n, 0, 0, 0);
}
static inline long
sys_write(int fd, const void *buf, size_t n)
{
    return call6(SYS_write, fd, (long)buf, (long)n, 0, 0, 0);
}
static inline long
sys_open(const char *path, int flags, int mode)
{
    return call6(SYS_open, (long)path, flags, mode, 0, 0, 0);
}
static inline long
sys_close(int fd)
{
    return call6(SYS_close, fd, 0, 0, 0, 0, 0);
}
static inline long
sys_pipe(int fd[2])
{
    return call6(SYS_pipe, (long)fd, 0, 0, 0, 0, 0);
}
static inline long
sys_dup2(int a, int b)
{
    return call6(SYS_dup2, a, b, 0, 0, 0, 0);
}
static inline long
sys_getpid(void)
{
    return call6(SYS_getpid, 0, 0, 0, 0, 0, 0);
}
static inline long
sys_getppid(void)
{
    return call6(SYS_getppid, 0, 0, 0, 0, 0, 0);
}
static inline long
sys_kill(int pid, int sig)
{
    return call6(SYS_kill, pid, sig, 0, 0, 0, 0);
}
static inline long
sys_yield(void)
{
    return call6(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
}
static inline long
sys_lseek(int fd, long off, int whence)
{
    return call6(SYS_lseek, fd, off, whence, 0, 0, 0);
}
static inline long
sys_execve(const char *path, char *const argv[], char *const envp[])
{
    return call6(SYS_execve, (long)path, (long)argv, (long)envp, 0, 0, 0);
}
static inline void *
sys_mmap(void *at, size_t len, int prot, int flags)
{
    return (void *)call6(SYS_mmap, (long)at, (long)len, prot,
                         flags | MAP_ANONYMOUS, -1, 0);
}
static inline long
sys_munmap(void *at, size_t len)
{
    return call6(SYS_munmap, (long)at, (long)len, 0, 0, 0, 0);
}
static inline long
probe(int op, long arg)
{
    return call6(SYS_probe, op, arg, 0, 0, 0, 0);
}
_Noreturn void sys_exit(int code);

// A handler for sig, with SA_RESTORER and `flags`.
long set_handler(int sig, void (*handler)(int), unsigned flags);

void sleep_ms(long ms);

// wait4 for this child, its status; -errno.
int wait_for(long pid);
#define EXITED(status, code) ((status) == ((code) << 8))

size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
char *strchr(const char *s, int c);
void *memset(void *to, int c, size_t n);
void *memcpy(void *to, const void *from, size_t n);
int memcmp(const void *a, const void *b, size_t n);
long atol(const char *s);

// %d %ld %u %lu %x %lx %s %c and a width; one write per call.
void print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

// Tests print TAP.  check counts; plan prints the plan and gives main's result.
void check(bool ok, const char *what);
void check_eq(long got, long want, const char *what);
int plan(void);

// A generator whose numbers depend on the seed only.
struct rng { uint64_t state; };
uint64_t rng_next(struct rng *r);

extern char **environ;
int main(int argc, char **argv);

#endif
