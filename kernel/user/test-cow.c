// SPDX-License-Identifier: MIT
// test-cow.c -- copy on write, by its effects and by the kernel's counts.
#include "rt.h"

#define PAGE 4096
#define PAGES 64
#define ROUNDS 1000
#define RW (PROT_READ | PROT_WRITE)

static volatile char *area;

static long
refs(volatile void *p)
{
    return probe(PROBE_REFS, (long)p);
}

// Run f in a child; its exit code.
static int
in_child(int (*f)(void))
{
    long pid = sys_fork();
    if (pid == 0)
        sys_exit(f());
    return wait_for(pid) >> 8;
}

static int
child_looks(void)
{
    return refs(area) == 2 ? area[0] : 100;
}

static int
child_writes(void)
{
    long copies = probe(PROBE_COPIES, 0);
    area[0] = 'b';
    return probe(PROBE_COPIES, 0) == copies + 1 && refs(area) == 1
           && area[0] == 'b';
}

static void
sharing(void)
{
    area = sys_mmap(0, PAGES * PAGE, RW, MAP_PRIVATE);
    for (int i = 0; i < PAGES; i++)
        area[i * PAGE] = 'a';
    check_eq(refs(area), 1, "a fresh page is its owner's");
    check_eq(in_child(child_looks), 'a', "a fork shares it");
    check_eq(refs(area), 1, "the child's end gives it back");
    check_eq(in_child(child_writes), 1, "a write copies one page");
    check_eq(area[0], 'a', "which is not ours");
    long take = probe(PROBE_TAKEOVERS, 0), copies = probe(PROBE_COPIES, 0);
    area[0] = 'c';
    check_eq(probe(PROBE_TAKEOVERS, 0), take + 1, "the last owner takes over");
    check_eq(probe(PROBE_COPIES, 0), copies, "without a copy");
}

// How many frames does a fork cost, with PAGES pages that nobody writes to?
static void
saving(void)
{
    int fd[2];
    char c;
    sys_pipe(fd);
    long before = probe(PROBE_FREE, 0);
    long pid = sys_fork();
    if (pid == 0) {
        sys_read(fd[0], &c, 1);
        sys_exit(0);
    }
    sys_yield();
    long used = before - probe(PROBE_FREE, 0);
    check(used > 0 && used < 24, "a fork needs tables and a stack, no pages");
    if (used >= 24)
        print("# it used %ld frames\n", used);
    sys_write(fd[1], "x", 1);
    wait_for(pid);
    sys_close(fd[0]);
    sys_close(fd[1]);
}

static int
child_reads_into(void)
{
    int fd[2], before;
    sys_pipe(fd);
    sys_write(fd[1], "kernel", 6);
    before = area[PAGE];        // the TLB has the shared page now
    sys_read(fd[0], (void *)(area + PAGE), 6);
    return before == 'a' && area[PAGE] == 'k' && refs(area + PAGE) == 1;
}

static int
child_waits_into(void)
{
    long pid = sys_fork();
    if (pid == 0)
        sys_exit(3);
    sys_wait4((int)pid, (int *)(area + 2 * PAGE), 0);
    return *(volatile int *)(area + 2 * PAGE) == 3 << 8;
}

static void
kernel_writes(void)
{
    check_eq(in_child(child_reads_into), 1, "read() into a shared page copies");
    check_eq(area[PAGE], 'a', "and leaves the parent's alone");
    check_eq(in_child(child_waits_into), 1, "and so does wait4's status");
    check_eq(area[2 * PAGE], 'a', "ours is as it was");
    long pid = sys_fork();
    if (pid == 0) {
        sys_yield();
        sys_exit(area[3 * PAGE]);
    }
    int fd[2];
    sys_pipe(fd);
    sys_write(fd[1], "z", 1);
    sys_read(fd[0], (void *)(area + 3 * PAGE), 1);
    check_eq(wait_for(pid) >> 8, 'a', "the other way round too");
    sys_close(fd[0]);
    sys_close(fd[1]);
}

// The kernel changes entries of the running process: does the TLB know?
static int
child_counts(void)
{
    int bad = 0;
    for (int i = 0; i < PAGES; i++)
        bad += area[i * PAGE] != 'a';
    return bad;
}

static void
stale_entries(void)
{
    int bad = 0, seen = 0;
    // A switch right after fork would hide it: try a few times.
    for (int round = 0; round < 8; round++) {
        for (int i = 0; i < PAGES; i++)
            area[i * PAGE] = 'a';
        long pid = sys_fork();
        if (pid == 0) {
            sleep_ms(20);
            sys_exit(child_counts());
        }
        for (int i = 0; i < PAGES; i++)
            area[i * PAGE] = 'p';       // writable in the TLB a moment ago
        seen += wait_for(pid) != 0;
        for (int i = 0; i < PAGES; i++)
            bad += area[i * PAGE] != 'p';
    }
    check_eq(seen, 0, "the parent's writes after fork stay its own");
    check_eq(bad, 0, "and are all there");
    for (int i = 0; i < PAGES; i++)
        area[i * PAGE] = 'a';
}

static int
child_writes_read_only(void)
{
    area[4 * PAGE] = 'x';
    return 1;
}

static void
rights(void)
{
    call6(SYS_mprotect, (long)(area + 4 * PAGE), PAGE, PROT_READ, 0, 0, 0);
    long pid = sys_fork();
    if (pid == 0)
        sys_exit(child_writes_read_only());
    check_eq(wait_for(pid), SIGSEGV, "a read-only page stays read-only");
    char c = 'r';
    int fd[2];
    sys_pipe(fd);
    sys_write(fd[1], &c, 1);
    check_eq(sys_read(fd[0], (void *)(area + 4 * PAGE), 1), -EFAULT,
             "for the kernel as well");
    pid = sys_fork();
    if (pid == 0) {
        call6(SYS_mprotect, (long)(area + 4 * PAGE), PAGE, RW, 0, 0, 0);
        area[4 * PAGE] = 'w';
        sys_exit(area[4 * PAGE]);
    }
    check_eq(wait_for(pid) >> 8, 'w', "mprotect on a shared page");
    check_eq(area[4 * PAGE], 'a', "does not undo the sharing");
    call6(SYS_mprotect, (long)(area + 4 * PAGE), PAGE, RW, 0, 0, 0);
    sys_close(fd[0]);
    sys_close(fd[1]);
}

static void
shared_memory(void)
{
    volatile int *shared = sys_mmap(0, PAGE, RW, MAP_SHARED);
    *shared = 1;
    long pid = sys_fork();
    if (pid == 0) {
        *shared = 2;
        sys_exit(0);
    }
    wait_for(pid);
    check_eq(*shared, 2, "MAP_SHARED is shared");
    sys_munmap((void *)shared, PAGE);
}

static int
grandchildren(void)
{
    long pid = sys_fork();
    if (pid == 0) {
        area[0] = 'g';
        sys_exit(refs(area) == 1 ? area[0] : 1);
    }
    int inner = wait_for(pid) >> 8;
    return inner == 'g' && area[0] == 'a';
}

static int
exec_one_side(void)
{
    char *argv[] = { "/bin/true", NULL };
    return (int)sys_execve("/bin/true", argv, argv + 1);
}

static void
rounds(void)
{
    long before = 0;
    for (int i = 0; i < ROUNDS + 2; i++) {
        if (i == 2)
            before = probe(PROBE_FREE, 0);
        long pid = sys_fork();
        if (pid == 0) {
            area[i % PAGES * PAGE] = 'r';
            sys_exit(0);
        }
        wait_for(pid);
    }
    check_eq(probe(PROBE_FREE, 0), before,
             "1,000 rounds of fork, write, exit leave no frame behind");
}

int
main(int argc, char **argv)
{
    (void)argc, (void)argv;
    long files = probe(PROBE_FILES, 0);
    sharing();
    saving();
    area[0] = 'a';
    kernel_writes();
    for (int i = 0; i < PAGES; i++)
        area[i * PAGE] = 'a';
    stale_entries();
    rights();
    shared_memory();
    check_eq(in_child(grandchildren), 1, "a fork of a fork");
    check_eq(in_child(exec_one_side), 0, "exec on one side");
    check_eq(area[0], 'a', "leaves the other");
    check_eq(refs(area), 1, "alone");
    rounds();
    check_eq(probe(PROBE_FILES, 0), files, "no open file is left over");
    return plan();
}
