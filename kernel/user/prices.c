// SPDX-License-Identifier: MIT
// prices.c -- the questions of bench-fork, asked of our kernel: fork, and exit
// and wait apart, against what a process holds; other ways; writes afterwards.
// In units of the TSC, the least of five.  bench.sh boots it with copy on write
// and without, and divides.  Book: chapter 10.
#include "rt.h"
#include "tsc.h"

#define PAGE 4096
#define RW (PROT_READ | PROT_WRITE)
#define ROUNDS 5

enum how { FORK, FORK_EXEC, VFORK, VFORK_EXEC };
enum writer { NOBODY, CHILD, PARENT, PARENT_LATE };

static volatile char *area;
static volatile long *in_child;

static void
touch(long pages)
{
    for (long i = 0; i < pages; i++)
        area[i * PAGE]++;
}

static void
become_true(void)
{
    static char *const argv[] = {"true", NULL}, *const env[] = {NULL};
    sys_execve("/bin/true", argv, env);
    sys_exit(127);
}

static void
child_main(enum how how, enum writer who, long pages, int *gate)
{
    char c;
    if (how == FORK_EXEC || how == VFORK_EXEC)
        become_true();
    if (who == CHILD) {
        long t0 = tsc();
        touch(pages);
        *in_child = tsc() - t0;
    }
    if (who == PARENT)
        sys_read(gate[0], &c, 1);
    sys_exit(0);
}

static void
measure(const char *name, long amount, enum how how, enum writer who,
        long pages)
{
    long create = 0, rest = 0, writes = 0;
    int gate[2];
    sys_pipe(gate);
    for (int i = 0; i < ROUNDS; i++) {
        long written = 0, t0 = tsc(), pid;
        if (how == VFORK || how == VFORK_EXEC)
            pid = sys_vfork();
        else
            pid = sys_fork();
        if (pid == 0)
            child_main(how, who, pages, gate);
        long t1 = tsc();
        create = least(create, t1 - t0);
        if (who == PARENT) {
            t0 = tsc();
            touch(pages);
            written = tsc() - t0;
            sys_write(gate[1], "", 1);
        }
        t1 = tsc();
        wait_for(pid);
        rest = least(rest, tsc() - t1);
        if (who == PARENT_LATE) {
            t0 = tsc();
            touch(pages);
            written = tsc() - t0;
        }
        if (who == CHILD)
            written = *in_child;
        writes = least(writes, pages ? written / pages : 0);
    }
    sys_close(gate[0]);
    sys_close(gate[1]);
    print("price %s %ld %ld %ld %ld\n", name, amount, create, rest, writes);
}

static volatile char *
take(long pages, int flags)
{
    volatile char *p = sys_mmap(0, (size_t)pages * PAGE, RW, flags);
    for (long i = 0; i < pages; i++)
        p[i * PAGE] = 1;
    return p;
}

// One page left of each 2 MiB: page-table pages, and nearly nothing else.
static void
scatter(long tables)
{
    for (long n = 0; n < tables; n++) {
        volatile char *p = take(1024, MAP_PRIVATE);
        size_t at = ((size_t)p + 0x1fffff) & ~(size_t)0x1fffff;
        size_t end = (size_t)p + 1024 * PAGE;
        if (at > (size_t)p)
            sys_munmap((void *)p, at - (size_t)p);
        sys_munmap((void *)(at + PAGE), end - at - PAGE);
    }
}

struct question {
    const char *name;
    long amount;
    enum how how;
    enum writer who;
};

// In a process of its own: what one question leaves behind, the page tables
// of memory that it gave back, is not to be paid for by the next.
static void
ask(const struct question *q)
{
    long pid = sys_fork();
    if (pid != 0) {
        wait_for(pid);
        return;
    }
    switch (q->name[0]) {
    case 'n': break;                                        // nothing
    case 'd':                                               // descriptors
        for (long i = 0; i < q->amount; i++)
            sys_open("/bin/true", 0, 0);
        break;
    case 't': scatter(q->amount); break;                    // tables
    case 's': take(q->amount, MAP_SHARED); break;           // shared
    default: area = take(q->amount, MAP_PRIVATE); break;
    }
    measure(q->name, q->amount, q->how, q->who, q->who ? q->amount : 0);
    sys_exit(0);
}

int
main(int argc, char **argv)
{
    static const struct question questions[] = {
        {"nothing", 0, FORK, NOBODY},
        {"pages", 256, FORK, NOBODY},
        {"pages", 1024, FORK, NOBODY},
        {"pages", 4096, FORK, NOBODY},
        {"shared-pages", 1024, FORK, NOBODY},
        {"tables", 16, FORK, NOBODY},
        {"descriptors", 8, FORK, NOBODY},
        {"fork+exec", 1024, FORK_EXEC, NOBODY},
        {"vfork", 1024, VFORK, NOBODY},
        {"vfork+exec", 1024, VFORK_EXEC, NOBODY},
        {"child-writes", 1024, FORK, CHILD},
        {"parent-writes", 1024, FORK, PARENT},
        {"parent-writes-late", 1024, FORK, PARENT_LATE},
    };
    (void)argc, (void)argv;
    in_child = sys_mmap(0, PAGE, RW, MAP_SHARED);
    for (size_t i = 0; i < NELEM(questions); i++)
        ask(&questions[i]);
    return 0;
}
