// SPDX-License-Identifier: MIT
// guest.c -- the program of lab 3, run in the machine as init: what copy on
// write may never change, and what it is for, in frames.
#include "guest.h"

#define PAGE 4096
#define RW (PROT_READ | PROT_WRITE)
#define PAGES 200

static volatile char *area;
static int gate[2];

static int
exit_code(long pid)
{
    int status = -1;
    long got = sys_wait4((int)pid, &status, 0);
    if (got < 0)
        return (int)got;
    return status & 0x7f ? -1000 - (status & 0x7f) : status >> 8 & 0xff;
}

static long
refs(volatile void *p)
{
    return probe(PROBE_REFS, (long)p);
}

static long
free_frames(void)
{
    return probe(PROBE_FREE, 0);
}

// PAGES pages of our own, with value + i in two bytes of page i, one the last.
static void
fill(int value)
{
    if (area == NULL)
        area = sys_mmap(0, PAGES * PAGE, RW, MAP_PRIVATE);
    for (int i = 0; i < PAGES; i++)
        area[i * PAGE + i] = area[(i + 1) * PAGE - 1] = (char)(value + i);
}

// How many pages are not as fill() left them?
static int
differ(int value)
{
    int n = 0;
    for (int i = 0; i < PAGES; i++)
        n += area[i * PAGE + i] != (char)(value + i)
             || area[(i + 1) * PAGE - 1] != (char)(value + i);
    return n;
}

// Children wait at the gate until the parent has opened it.
static void
pass_gate(void)
{
    char c;
    sys_read(gate[0], &c, 1);
}

static void
open_gate(void)
{
    sys_write(gate[1], "x", 1);
}

static void
test_values(void)
{
    int value = (int)range(1, 100);
    fill(value);
    long pid = must_fork();
    if (pid == 0) {
        int bad = differ(value);
        for (int i = 0; i < PAGES; i++)
            area[i * PAGE + PAGE / 2] = 1;      // and what is beside that?
        bad += differ(value);
        fill(value + 1);
        bad += differ(value + 1);
        sys_exit(bad > 255 ? 255 : bad);
    }
    expect("pages that are wrong in the child", 0, exit_code(pid));
    expect("pages of the parent that the child changed", 0, differ(value));
    pid = must_fork();
    if (pid == 0) {
        pass_gate();
        sys_exit(differ(value));
    }
    fill(value + 2);
    open_gate();
    expect("pages of the child that the parent changed", 0, exit_code(pid));
    expect("pages of the parent that are wrong", 0, differ(value + 2));
}

static void
test_saves(void)
{
    fill(1);
    long pages = probe(PROBE_PAGES, 0);
    for (int round = 0; round < 2; round++) {
        long before = free_frames();
        long pid = must_fork();
        if (pid == 0) {
            pass_gate();
            long more = probe(PROBE_PAGES, 0) - pages;
            sys_exit(more == 0 ? 0 : more < 0 ? 1 : 2);
        }
        long used = before - free_frames();
        if (round == 1)
            expect("a fork with 200 pages takes fewer than 40 frames", 1,
                   used < 40);
        expect("references to a page after a fork", 2, refs(area));
        open_gate();
        expect("vm->pages of a child: as many as its parent's (exit code 0; 1: "
               "fewer, 2: more)", 0, exit_code(pid));
        expect("references when the child has ended", 1, refs(area));
    }
}

static void
test_one_page(void)
{
    int page = (int)range(2, PAGES - 3);
    fill(1);
    long pid = must_fork();
    if (pid == 0) {
        area[PAGE]++;           // warms up: code and stack are unshared, too
        long before = free_frames();
        area[page * PAGE]++;
        long used = before - free_frames();
        if (used != 1 || refs(area + page * PAGE) != 1)
            sys_exit((int)used & 127);
        area[page * PAGE + 1]++;    // the second time it costs nothing
        sys_exit(before - free_frames() == 1 ? 200 : 201);
    }
    expect("frames for the first write to a shared page, by exit code (200: "
           "one, and none for the second write)", 200, exit_code(pid));
    expect("references to a page that only the child wrote to", 1,
           refs(area + page * PAGE));
    pid = must_fork();
    if (pid == 0) {
        volatile long copies = 0;       // the stack is unshared, too
        area[PAGE]++;
        copies = probe(PROBE_COPIES, 0);
        for (int i = 2; i < 2 + page; i++)
            area[i * PAGE]++;
        sys_exit((int)(probe(PROBE_COPIES, 0) - copies) & 255);
    }
    expect("by how much cow_copies went up as a child wrote to so many shared "
           "pages, by exit code", page, exit_code(pid));
}

static void
test_takeover(void)
{
    fill(1);
    long pid = must_fork();
    if (pid == 0)
        sys_exit(0);
    exit_code(pid);
    area[0]++;
    long before = free_frames(), taken = probe(PROBE_TAKEOVERS, 0);
    for (int i = 1; i < PAGES; i++)
        area[i * PAGE]++;
    taken = probe(PROBE_TAKEOVERS, 0) - taken;
    expect("frames for writing to pages whose last reference is ours", 0,
           before - free_frames());
    // The other way round: the child is the last.  Who goes astray cannot know
    // the exit code.
    int code = (int)range(1, 100);
    pid = must_fork();
    if (pid == 0) {
        pass_gate();
        area[0]++;
        long now = free_frames();
        for (int i = 1; i < PAGES; i++) {
            probe(PROBE_FAIL, 1);   // a copy, be it for a moment, dies of this
            area[i * PAGE]++;
        }
        sys_exit(now == free_frames() ? code : 200);
    }
    sys_munmap((void *)area, PAGES * PAGE);
    area = NULL;
    open_gate();
    expect("exit code of a child that writes when the parent has unmapped "
           "(-1009: it asked for a frame; 200: it took some)", code,
           exit_code(pid));
    expect("by how much cow_takeovers went up as the parent took 199 pages "
           "over", PAGES - 1, taken);
}

static void
test_stale(void)
{
    // Write right after fork, with the TLB full of the right to write.
    for (int round = 0; round < 4; round++) {
        int value = (int)range(1, 100);
        fill(value);
        long pid = must_fork();
        if (pid == 0) {
            pass_gate();
            sys_exit(differ(value));
        }
        fill(value + 1);
        open_gate();
        expect("pages of the child that the parent's first writes changed", 0,
               exit_code(pid));
        expect("pages of the parent that are wrong", 0, differ(value + 1));
    }
}

static int
in_child_kernel_writes(int value)
{
    int p[2], bad = 0;
    sys_pipe(p);
    for (int i = 0; i < 20; i++) {
        // Read first: the TLB then knows the page, as it was shared.
        bad += area[i * PAGE + i] != (char)(value + i);
        char c = (char)(value + i + 1);
        sys_write(p[1], &c, 1);
        sys_read(p[0], (void *)(area + i * PAGE + i), 1);
        bad += area[i * PAGE + i] != c;
        bad += refs(area + i * PAGE) != 1;
    }
    sys_close(p[0]);
    sys_close(p[1]);
    return bad;
}

static void
test_kernel_writes(void)
{
    int value = (int)range(1, 100);
    fill(value);
    long pid = must_fork();
    if (pid == 0)
        sys_exit(in_child_kernel_writes(value));
    expect("bytes that read() put into shared pages, wrong or not private", 0,
           exit_code(pid));
    expect("pages of the parent that a child's read() changed", 0,
           differ(value));
    pid = must_fork();
    if (pid == 0) {
        pass_gate();
        sys_exit(differ(value));
    }
    call6(SYS_getcwd, (long)area, 100, 0, 0, 0, 0);
    call6(SYS_uname, (long)(area + 5 * PAGE), 0, 0, 0, 0, 0);
    open_gate();
    expect("pages of the child that the kernel changed for the parent", 0,
           exit_code(pid));
}

static void
test_rights(void)
{
    fill(1);
    call6(SYS_mprotect, (long)area, PAGE, PROT_READ, 0, 0, 0);
    call6(SYS_mprotect, (long)(area + PAGE), PAGE, 0, 0, 0, 0);
    expect("read() into a read-only page", -EFAULT, sys_read(
        (int)sys_open("/dev/zero", O_RDONLY, 0), (void *)area, 1));
    for (int i = 0; i < 5; i++) {
        long pid = must_fork();
        if (pid == 0) {
            switch (i) {
            case 0: area[0] = 1; break;             // read-only
            case 1: area[PAGE] = 1; break;          // no access
            case 2: *(volatile char *)exit_code = 1; break;     // code
            case 3: area[2 * PAGE] = 1; break;      // this one is allowed
            case 4: (void)area[PAGE]; break;        // no access
            }
            sys_exit(0);
        }
        expect(i == 0 ? "a child's write to a read-only page (-1011: SIGSEGV)"
               : i == 1 ? "a child's write to a page without access (PROT_NONE)"
               : i == 2 ? "a child's write to its code"
               : i == 4 ? "a child's read of a page without access (PROT_NONE)"
               : "a child's write to a page that may be written",
               i == 3 ? 0 : -1011, exit_code(pid));
    }
    long pid = must_fork();
    if (pid == 0) {
        call6(SYS_mprotect, (long)(area + PAGE), PAGE, PROT_READ, 0, 0, 0);
        sys_exit(area[PAGE + 1]);
    }
    expect("what a child finds in the page without access when it has got some "
           "by mprotect() (-1011: no page)", 2, exit_code(pid));
    pid = must_fork();
    if (pid == 0)
        sys_exit(sys_read((int)sys_open("/dev/zero", O_RDONLY, 0),
                          (void *)area, 1) == -EFAULT ? 1 : 2);
    expect("a child's read() into a read-only page: EFAULT (exit code 1)", 1,
           exit_code(pid));
    // Not executable before, not executable after.
    area[3 * PAGE] = (char)0xc3;
    pid = must_fork();
    if (pid == 0) {
        area[3 * PAGE] = (char)0xc3;
        ((void (*)(void))(area + 3 * PAGE))();
        sys_exit(0);
    }
    expect("a child that executes data (-1011: SIGSEGV)", -1011,
           exit_code(pid));
    // And executable before, executable after.
    volatile char *code = sys_mmap(0, PAGE, RW | PROT_EXEC, MAP_PRIVATE);
    code[0] = 0;
    pid = must_fork();
    if (pid == 0) {
        code[0] = (char)0xc3;
        ((void (*)(void))code)();
        sys_exit(0);
    }
    expect("a child that executes what it wrote to a PROT_EXEC page (-1011: "
           "SIGSEGV)", 0, exit_code(pid));
}

static void
test_shared(void)
{
    volatile long *shared = sys_mmap(0, PAGE, RW, MAP_SHARED);
    long value = range(1, 1000000);
    *shared = 0;
    long pid = must_fork();
    if (pid == 0) {
        *shared = value;
        pass_gate();
        sys_exit(*shared == value + 1 ? 1 : 2);
    }
    while (*shared == 0)
        sys_yield();
    expect("what a child wrote to MAP_SHARED memory", value, *shared);
    *shared = value + 1;
    open_gate();
    expect("the child sees the parent's write (exit code 1)", 1,
           exit_code(pid));
    pid = must_fork();
    if (pid == 0) {
        pid = must_fork();
        if (pid == 0) {
            *shared = value + 2;
            sys_exit(0);
        }
        exit_code(pid);
        sys_exit(*shared == value + 2 ? 1 : 2);
    }
    expect("a child sees its own child's write (exit code 1)", 1,
           exit_code(pid));
    expect("what a child's child wrote to MAP_SHARED memory", value + 2,
           *shared);
    call6(SYS_mprotect, (long)shared, PAGE, PROT_READ, 0, 0, 0);
    pid = must_fork();
    if (pid == 0) {
        *shared = value;
        sys_exit(0);
    }
    expect("a child's write to MAP_SHARED memory that may only be read (-1011: "
           "SIGSEGV)", -1011, exit_code(pid));
}

// A child of a child of a child; each changes a page of its own.
static int
generation(int n, int value)
{
    int bad = 0;
    if (n == 0)
        return refs(area + 100 * PAGE) != 5;
    long pid = must_fork();
    if (pid == 0)
        sys_exit(generation(n - 1, value));
    int inner = exit_code(pid);
    bad += differ(value);
    area[n * PAGE + n]++;
    return bad + inner;
}

static void
test_generations(void)
{
    int value = (int)range(1, 100);
    fill(value);
    expect("pages that are wrong, or not counted 5 times, in four generations",
           0, generation(4, value));
    area[4 * PAGE + 4]--;
    expect("pages of the first that are wrong", 0, differ(value));
    expect("references afterwards", 1, refs(area + 100 * PAGE));
    // Brothers.
    for (int i = 0; i < 10; i++) {
        if (must_fork() == 0) {
            area[i * PAGE + i]++;
            pass_gate();
            sys_exit(differ(value) != 1);
        }
    }
    int bad = 0;
    sleep_ms(30);
    expect("references to a page that eleven share", 11,
           refs(area + 100 * PAGE));
    for (int i = 0; i < 10; i++)
        open_gate();
    for (int i = 0; i < 10; i++)
        bad += exit_code(-1) != 0;
    expect("brothers that see one another's writes", 0, bad);
    expect("pages of the parent that are wrong", 0, differ(value));
}

static void
test_exec(void)
{
    char *argv[] = { "/bin/false", NULL };
    int value = (int)range(1, 100);
    fill(value);
    for (int i = 0; i < 5; i++) {
        long pid = must_fork();
        if (pid == 0) {
            area[i * PAGE]++;
            sys_execve(argv[0], argv, argv + 1);
            sys_exit(99);
        }
        expect("the exit code of what a child executes", 1, exit_code(pid));
        expect("references to our page afterwards", 1, refs(area));
    }
    expect("pages of the parent that are wrong", 0, differ(value));
}

static void
test_rounds(void)
{
    fill(1);
    long before = 0;
    for (int i = 0; i < 1000; i++) {
        if (i == 2)
            before = free_frames();
        long pid = must_fork();
        if (pid == 0) {
            area[i % PAGES * PAGE]++;
            sys_exit(0);
        }
        area[(i + 7) % PAGES * PAGE]++;
        sys_wait4((int)pid, NULL, 0);
    }
    // Ours again, every one.
    for (int i = 0; i < PAGES; i++)
        area[i * PAGE]++;
    expect("free frames after 998 rounds of fork, write, exit", before,
           free_frames());
}

static void
test_failures(void)
{
    int value = (int)range(1, 100), n;
    for (n = 1; n < 100; n++) {
        fill(value);
        long before = free_frames(), procs = probe(PROBE_PROCS, 0);
        probe(PROBE_FAIL, n);
        long pid = sys_fork();
        if (pid == 0)
            sys_exit(0);
        if (pid > 0) {
            exit_code(pid);
            break;
        }
        expect("free frames after a fork that failed", before, free_frames());
        expect("processes after a fork that failed", procs,
               probe(PROBE_PROCS, 0));
        expect("pages of the parent that are wrong", 0, differ(value));
        fill(value);
        expect("free frames when the parent has written to all its pages",
               before, free_frames());
    }
    expect("allocations in a fork: 8 at least", 1, n > 8);
    // As late as can be, while another child still shares the pages.
    fill(value);
    long other = must_fork();
    if (other == 0) {
        pass_gate();
        sys_exit(differ(value));
    }
    probe(PROBE_FAIL, n - 1);
    expect("a fork whose last allocation fails", -ENOMEM, sys_fork());
    fill(value + 1);
    open_gate();
    expect("pages of another child that the parent changed after a fork that "
           "failed", 0, exit_code(other));
    // Once more as late as can be.  By now most of our pages have been shared,
    // the verdict's too; kjudge.c looks by which right it is written.
    probe(PROBE_FAIL, n - 1);
    expect("another such fork", -ENOMEM, sys_fork());
}

static void
test_no_memory(void)
{
    int value = (int)range(1, 100);
    fill(value);
    long pid = must_fork();
    if (pid == 0) {
        area[0]++;
        probe(PROBE_FAIL, 1);
        area[PAGE]++;           // no frame for the copy
        sys_exit(0);
    }
    expect("a write for which there is no memory (-1009: SIGKILL)", -1009,
           exit_code(pid));
    expect("pages of the parent that are wrong", 0, differ(value));
    pid = must_fork();
    if (pid == 0) {
        int p[2];
        area[0]++;
        sys_pipe(p);
        sys_write(p[1], "x", 1);
        long copies = probe(PROBE_COPIES, 0);
        probe(PROBE_FAIL, 1);
        long got = sys_read(p[0], (void *)(area + PAGE), 1);
        sys_exit(got != -EFAULT ? 2 : probe(PROBE_COPIES, 0) != copies ? 3 : 1);
    }
    expect("a read() for which there is no memory: EFAULT (exit code 1), and "
           "no copy counted (3: there was)", 1, exit_code(pid));
    expect("references to that page", 1, refs(area + PAGE));
}

#define GATED(name) \
    static void \
    gated_##name(void) \
    { \
        sys_pipe(gate); \
        test_##name(); \
        sys_close(gate[0]); \
        sys_close(gate[1]); \
    }
GATED(values) GATED(saves) GATED(takeover) GATED(stale) GATED(kernel_writes)
GATED(shared) GATED(generations) GATED(failures)

const struct guest_test guest_tests[] = {
    { "values", gated_values }, { "saves", gated_saves },
    { "one-page", test_one_page }, { "takeover", gated_takeover },
    { "stale", gated_stale }, { "kernel-writes", gated_kernel_writes },
    { "rights", test_rights }, { "shared", gated_shared },
    { "generations", gated_generations }, { "exec", test_exec },
    { "rounds", test_rounds }, { "failures", gated_failures },
    { "no-memory", test_no_memory }, { NULL, NULL },
};
