// SPDX-License-Identifier: MIT
// crash.c -- say where the program is when it dies; see crash.h.
// Linked into the programs of submissions (a visible part of native labs).
#include "crash.h"

#include <execinfo.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum {
    DEPTH = 32,
    // backtrace() begins with this handler, the kernel's way back from it, and
    // the instruction that died.  Above that are returns, each one behind its
    // call: where abort() is a function's last, in the next function's lines.
    RETURNS = 3,
};

static char stack[1 << 16];  // a crash may be the stack's own overflow

static void
put(const char *text, size_t size)
{
    if (write(STDERR_FILENO, text, size) < 0)
        return;
}

static void
put_address(uintptr_t a)
{
    char hex[2 * sizeof a + 1];
    size_t n = sizeof hex;
    hex[--n] = ' ';
    do
        hex[--n] = "0123456789abcdef"[a % 16];
    while ((a /= 16) && n);
    put(hex + n, sizeof hex - n);
}

static void
on_crash(int sig)
{
    void *at[DEPTH];
    int n = backtrace(at, DEPTH);
    put("\n" CRASH_MARK, sizeof CRASH_MARK);
    for (int i = 0; i < n; i++)
        put_address((uintptr_t)at[i] - (i >= RETURNS));
    put("\n", 1);
    raise(sig);  // SA_RESETHAND: this time it kills
}

__attribute__((constructor)) static void
crash_init(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction act = {.sa_handler = on_crash,
                            .sa_flags = SA_ONSTACK | SA_RESETHAND};
    void *warm[1];
    backtrace(warm, 1);  // loads libgcc now, not in a handler
    sigaltstack(&alternate, NULL);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaction(signals[i], &act, NULL);
}
