// SPDX-License-Identifier: MIT
// test-memory.c -- test-memory ERRNO: when memory (ENOMEM, 12) or the process
// table (EAGAIN, 11) runs out, fork fails whole, and everything comes back.
#include "rt.h"

#define PAGE 4096
#define RW (PROT_READ | PROT_WRITE)

static char *area;
static size_t area_pages;

static int
sum_is_right(void)
{
    for (size_t i = 0; i < area_pages; i++)
        if (area[i * PAGE] != (char)i)
            return 0;
    return 1;
}

// Let the n-th allocation inside fork fail, for n = 1, 2, ... until a fork
// needs fewer than n.  The parent must not notice anything but the error.
static void
fail_each(void)
{
    int failed = 0, wrong = 0, leaked = 0, unknown = 0, again = 0;
    long before = 0;
    for (int n = 1;; n++) {
        // Our own pages are private again, so that the counts compare.
        for (size_t i = 0; i < area_pages; i++)
            area[i * PAGE] = (char)i;
        before = probe(PROBE_FREE, 0);
        long procs = probe(PROBE_PROCS, 0);
        probe(PROBE_FAIL, n);
        long pid = sys_fork();
        if (pid == 0)
            sys_exit(0);
        long tripped = probe(PROBE_TRIPPED, 0);
        if (pid > 0) {
            wait_for(pid);
            wrong += tripped != 0;
            break;
        }
        failed++;
        again += pid == -EAGAIN;
        unknown += pid != -ENOMEM && pid != -EAGAIN;
        leaked += probe(PROBE_FREE, 0) != before
                  || probe(PROBE_PROCS, 0) != procs;
        wrong += !sum_is_right();
    }
    check(failed >= 8, "fork fails at each of its allocations in turn");
    print("# %d allocations\n", failed);
    check_eq(unknown, 0, "with ENOMEM or EAGAIN");
    check_eq(again, 1, "EAGAIN for the slot in the table only");
    check_eq(leaked, 0, "and leaves no frame and no slot behind");
    check_eq(wrong, 0, "nor does the parent notice");
}

// The same for pipe, mmap and exec.
static void
fail_others(void)
{
    char *argv[] = { "/bin/true", NULL };
    int leaked = 0, failed[3] = { 0, 0, 0 };
    for (int what = 0; what < 3; what++) {
        for (int n = 1; n < 200; n++) {
            int fd[2];
            long files = probe(PROBE_FILES, 0);
            area[0] = 0;
            long before = probe(PROBE_FREE, 0), result;
            if (what < 2)
                probe(PROBE_FAIL, n);
            if (what == 0) {
                result = sys_pipe(fd);
            } else if (what == 1) {
                result = (long)sys_mmap((void *)0x700000000000, 3 * PAGE, RW,
                                        MAP_PRIVATE | MAP_FIXED);
            } else {
                result = sys_fork();
                if (result == 0) {
                    probe(PROBE_FAIL, n);
                    sys_execve("/bin/true", argv, argv + 1);
                    sys_exit(77);
                }
                if (result > 0)
                    result = wait_for(result) == 0 ? 0 : -ENOMEM;
            }
            if (what == 0 && result == 0) {
                sys_close(fd[0]);
                sys_close(fd[1]);
            }
            if (what == 1 && result > 0)
                sys_munmap((void *)result, 3 * PAGE);
            if (what == 2)
                area[0] = 0;
            leaked += what != 1 && probe(PROBE_FREE, 0) != before;
            leaked += probe(PROBE_FILES, 0) != files;
            if (result >= 0)
                break;
            failed[what]++;
        }
    }
    check(failed[0] >= 4, "pipe fails at each allocation");
    check(failed[1] >= 4, "and mmap");
    check(failed[2] >= 10, "and exec, without a way to survive it halfway");
    check_eq(leaked, 0, "and nothing is left over");
}

// Fork without waiting until it fails.
static void
until_gone(int expected)
{
    static long pid[200];
    int fd[2], n = 0;
    char c;
    long error = 0, before = 0;
    for (int i = 0; i < 2; i++) {
        // The first round warms up what is allocated once and kept.
        before = probe(PROBE_FREE, 0);
        n = 0;
        sys_pipe(fd);
        while ((error = pid[n] = sys_fork()) >= 0) {
            if (error == 0) {
                sys_close(fd[1]);
                sys_read(fd[0], &c, 1);
                sys_exit(0);
            }
            n++;
        }
        sys_close(fd[0]);
        sys_close(fd[1]);
        for (int k = 0; k < n; k++)
            wait_for(pid[k]);
        for (size_t k = 0; k < area_pages; k++)
            area[k * PAGE] = (char)k;
    }
    check(n > 5, "many children, until there is no room for another");
    print("# %d children\n", n);
    check_eq(-error, expected, "and then the error for it");
    check_eq(probe(PROBE_FREE, 0), before, "every frame is accounted for");
}

int
main(int argc, char **argv)
{
    // Once removed from init: only then is the reserve out of reach.
    if (argc < 3) {
        char *again[] = { argv[0], argv[1], "again", NULL };
        long pid = sys_fork();
        if (pid == 0)
            sys_execve(argv[0], again, environ);
        return wait_for(pid) != 0;
    }
    area_pages = 200;
    area = sys_mmap(0, area_pages * PAGE, RW, MAP_PRIVATE);
    fail_each();
    fail_others();
    until_gone((int)atol(argv[1]));
    // A page more than there is.
    long big = (probe(PROBE_FREE, 0) + 1) * PAGE;
    check_eq((long)sys_mmap(0, (size_t)big, RW, MAP_PRIVATE), -ENOMEM,
             "mmap of more than there is: ENOMEM");
    check(sum_is_right(), "and our memory is as it was");
    return plan();
}
