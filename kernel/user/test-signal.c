// SPDX-License-Identifier: MIT
// test-signal.c -- signals, as a shell and a C library need them.
#include "rt.h"

static volatile int got, children;
static volatile double product = 1.5;

static void
note(int sig)
{
    got = sig;
    // Uses SSE registers, which the interrupted code must not notice.
    product *= 2.0;
}

static void
reap(int sig)
{
    (void)sig;
    while (sys_wait4(-1, NULL, WNOHANG) > 0)
        children++;
}

static void
handlers(void)
{
    set_handler(SIGUSR1, note, 0);
    sys_kill((int)sys_getpid(), SIGUSR1);
    check_eq(got, SIGUSR1, "a handler runs before kill returns");
    got = 0;
    uint64_t mask = 1UL << (SIGUSR1 - 1), none = 0;
    call6(SYS_rt_sigprocmask, SIG_BLOCK, (long)&mask, 0, 8, 0, 0);
    sys_kill((int)sys_getpid(), SIGUSR1);
    check_eq(got, 0, "a blocked signal waits");
    check_eq(call6(SYS_rt_sigsuspend, (long)&none, 8, 0, 0, 0, 0), -EINTR,
             "sigsuspend ends with EINTR");
    check_eq(got, SIGUSR1, "after the handler");
    got = 0;
    sys_kill((int)sys_getpid(), SIGUSR1);
    check_eq(got, 0, "and has put the mask back");
    call6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&none, 0, 8, 0, 0);
    check_eq(got, SIGUSR1, "unblocked, it comes");
}

// A child interrupts us with SIGUSR1 in a read that then gets its byte.
static long
interrupted_read(unsigned flags)
{
    int fd[2];
    char c;
    set_handler(SIGUSR1, note, flags);
    sys_pipe(fd);
    long parent = sys_getpid(), pid = sys_fork();
    if (pid == 0) {
        sleep_ms(20);
        sys_kill((int)parent, SIGUSR1);
        sleep_ms(20);
        sys_write(fd[1], "x", 1);
        sys_exit(0);
    }
    long n = sys_read(fd[0], &c, 1);
    while (wait_for(pid) == -EINTR)
        ;
    sys_close(fd[0]);
    sys_close(fd[1]);
    return n;
}

static void
sse_over_handler(void)
{
    register double x __asm__("xmm5") = 3.25;
    __asm__ volatile("" : "+x"(x));
    long pid = sys_getpid();
    long r;
    __asm__ volatile("syscall" : "=a"(r), "+x"(x)
                     : "a"((long)SYS_kill), "D"(pid), "S"((long)SIGUSR1)
                     : "rcx", "r11", "memory");
    check(x == 3.25 && product > 1.5, "SSE registers survive a handler");
}

static void
sigchld(void)
{
    set_handler(SIGCHLD, reap, SA_RESTART);
    for (int i = 0; i < 5; i++)
        if (sys_fork() == 0)
            sys_exit(0);
    for (int i = 0; i < 100 && children < 5; i++)
        sleep_ms(1);
    check_eq(children, 5, "a SIGCHLD handler reaps them all");
    set_handler(SIGCHLD, (void (*)(int))SIG_IGN, 0);
    long before = probe(PROBE_PROCS, 0);
    for (int i = 0; i < 5; i++)
        if (sys_fork() == 0)
            sys_exit(0);
    check_eq(sys_wait4(-1, NULL, 0), -ECHILD, "SIGCHLD ignored: no zombies");
    check(probe(PROBE_PROCS, 0) <= before + 1, "and no slots taken");
    set_handler(SIGCHLD, (void (*)(int))SIG_DFL, 0);
}

static void
stopping(void)
{
    volatile int *work = sys_mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED);
    long pid = sys_fork();
    if (pid == 0)
        for (;;)
            ++*work;
    sleep_ms(30);
    sys_kill((int)pid, SIGSTOP);
    int at = *work;
    sleep_ms(50);
    check(at > 0 && *work == at, "SIGSTOP stops");
    sys_kill((int)pid, SIGCONT);
    sleep_ms(50);
    check(*work > at, "SIGCONT goes on");
    sys_kill((int)pid, SIGKILL);
    check_eq(wait_for(pid), SIGKILL, "SIGKILL ends it");
}

// Exceptions of a program are signals.
static void
exceptions(void)
{
    static const struct { int how, sig; const char *what; } tries[] = {
        { 0, SIGFPE, "division by zero: SIGFPE" },
        { 1, SIGILL, "invalid opcode: SIGILL" },
        { 2, SIGSEGV, "null pointer: SIGSEGV" },
        { 3, SIGSEGV, "the kernel's memory: SIGSEGV" },
        { 4, SIGTRAP, "breakpoint: SIGTRAP" },
        { 5, SIGSEGV, "privileged instruction: SIGSEGV" },
        { 6, SIGSEGV, "executing data: SIGSEGV" },
        { 7, SIGSEGV, "writing to code: SIGSEGV" },
        { 8, SIGTRAP, "trap flag: SIGTRAP" },
        { 9, SIGSEGV, "an address that is not canonical: SIGSEGV" },
        { 10, SIGSEGV, "a stack that overflows: SIGSEGV" },
    };
    static char data[16] = { (char)0xc3 };
    for (size_t i = 0; i < NELEM(tries); i++) {
        long pid = sys_fork();
        volatile int zero = 0;
        if (pid == 0) {
            switch (tries[i].how) {
            case 0: __asm__ volatile("xorl %%ecx, %%ecx; divl %%ecx"
                                     : : : "eax", "ecx", "edx"); break;
            case 1: __asm__ volatile("ud2"); break;
            case 2: *(volatile int *)(long)zero = 1; break;
            case 3: *(volatile int *)0xffffffff80101000 = 1; break;
            case 4: __asm__ volatile("int3"); break;
            case 5: __asm__ volatile("cli"); break;
            case 6: ((void (*)(void))data)(); break;
            case 7: *(volatile char *)sleep_ms = 0; break;
            case 8: __asm__ volatile("pushfq; orl $0x100, (%rsp); popfq; nop");
                    break;
            case 9: *(volatile int *)0x8000000000000000 = 1; break;
            case 10: __asm__ volatile("1: pushq %rax; jmp 1b");
            }
            sys_exit(0);
        }
        check_eq(wait_for(pid) & 0x7f, tries[i].sig, tries[i].what);
    }
}

int
main(int argc, char **argv)
{
    (void)argc, (void)argv;
    handlers();
    check_eq(interrupted_read(0), -EINTR, "a signal ends a read: EINTR");
    check_eq(interrupted_read(SA_RESTART), 1, "SA_RESTART: it starts again");
    sse_over_handler();
    sigchld();
    stopping();
    exceptions();
    return plan();
}
