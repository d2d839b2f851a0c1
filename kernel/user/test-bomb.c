// SPDX-License-Identifier: MIT
// test-bomb.c -- a fork bomb: it ends in EAGAIN, init's child can still fork,
// and when it has been killed everything is back.
#include "rt.h"

static _Noreturn void
bomb(volatile int *errors)
{
    for (;;) {
        long pid = sys_fork();
        if (pid == -EAGAIN || pid == -ENOMEM) {
            ++*errors;
            sleep_ms(10);
        }
    }
}

int
main(int argc, char **argv)
{
    (void)argc, (void)argv;
    volatile int *errors = sys_mmap(0, 4096, PROT_READ | PROT_WRITE,
                                    MAP_SHARED);
    long frames = 0, procs = 0;
    for (int round = 0; round < 2; round++) {
        *errors = 0;
        frames = probe(PROBE_FREE, 0);
        procs = probe(PROBE_PROCS, 0);
        long pid = sys_fork();
        if (pid == 0) {
            call6(SYS_setpgid, 0, 0, 0, 0, 0, 0);
            bomb(errors);
        }
        while (*errors < 100)
            sleep_ms(10);
        if (round == 1) {
            check(true, "a fork bomb gets EAGAIN");
            long child = sys_fork();
            if (child == 0)
                sys_exit(5);
            check(child > 0, "while init's own child can fork");
            check_eq(wait_for(child), 5 << 8, "and its child runs");
        }
        // Nobody of the group may be left to fork another in between: first
        // stop them all, then kill.
        sys_kill((int)-pid, SIGSTOP);
        sys_kill((int)-pid, SIGKILL);
        wait_for(pid);
        for (int i = 0; i < 500 && probe(PROBE_PROCS, 0) > procs; i++)
            sleep_ms(10);
    }
    check_eq(probe(PROBE_PROCS, 0), procs, "killed, it is gone");
    check_eq(probe(PROBE_FREE, 0), frames, "and its memory is back");
    return plan();
}
