// SPDX-License-Identifier: MIT
// guest.c -- the program of lab 2, run in the machine as init: fork, wait4 and
// exit as a program sees them, with numbers that change with every challenge.
#include "guest.h"

#define PAGE 4096
#define RW (PROT_READ | PROT_WRITE)
#define AREA_PAGES 40

static volatile long global;
static char *area;

static int
exit_code(long pid)
{
    int status = -1;
    long got = sys_wait4((int)pid, &status, 0);
    if (got < 0)
        return (int)got;
    return status & 0x7f ? -1000 - (status & 0x7f) : status >> 8 & 0xff;
}

static void
test_returns(void)
{
    int fd[2], code = (int)range(1, 255);
    long told[2] = { 0, 0 };
    sys_pipe(fd);
    long pid = must_fork();
    if (pid == 0) {
        told[0] = sys_getpid();
        told[1] = sys_getppid();
        sys_write(fd[1], told, sizeof(told));
        sys_exit(code);
    }
    sys_close(fd[1]);
    sys_read(fd[0], told, sizeof(told));
    expect("the child's getpid(), which it sends through a pipe (0: nothing "
           "came), is what fork() told the parent", pid, told[0]);
    expect("the child's getppid(), sent in the same way", sys_getpid(),
           told[1]);
    expect("the child's exit code, by wait4()", code, exit_code(pid));
    sys_close(fd[0]);
    // By the other way in, too.
    code = (int)range(1, 255);
    pid = call_int80(SYS_fork, 0, 0, 0);
    if (pid == 0)
        sys_exit(code);
    expect("the exit code of a child forked by int $0x80", code,
           exit_code(pid));
}

static void
test_memory(void)
{
    volatile long local = range(1, 1000000);
    long was = local, before = range(1, 1000000), after = before + 1;
    int fd[2];
    global = before;
    area = sys_mmap(0, AREA_PAGES * PAGE, RW, MAP_PRIVATE);
    for (int i = 0; i < AREA_PAGES; i++)
        area[i * PAGE + i] = (char)(before + i);
    sys_pipe(fd);
    long pid = must_fork();
    if (pid == 0) {
        char c;
        int wrong = 0;
        sys_read(fd[0], &c, 1);     // the parent has written by now
        wrong += global != before || local != was;
        for (int i = 0; i < AREA_PAGES; i++)
            wrong += area[i * PAGE + i] != (char)(before + i);
        sys_exit(wrong);
    }
    global = after;
    local = after;
    for (int i = 0; i < AREA_PAGES; i++)
        area[i * PAGE + i] = 0;
    sys_write(fd[1], "x", 1);
    expect("values that the parent's writes changed in the child", 0,
           exit_code(pid));
    pid = must_fork();
    if (pid == 0) {
        global = 1;
        local = 2;
        memset(area, 'c', AREA_PAGES * PAGE);
        sys_exit(0);
    }
    exit_code(pid);
    expect("a global variable of the parent, after the child wrote its own",
           after, global);
    expect("a local variable of the parent, after the child wrote its own",
           after, local);
    int wrong = 0;
    for (int i = 0; i < AREA_PAGES; i++)
        wrong += area[i * PAGE + i] != 0;
    expect("pages of the parent that the child's writes changed", 0, wrong);
    // What is shared by intent stays shared, and rights stay as they were.
    volatile long *shared = sys_mmap(0, PAGE, RW, MAP_SHARED);
    volatile char *fixed = sys_mmap(0, PAGE, PROT_READ, MAP_PRIVATE);
    pid = must_fork();
    if (pid == 0) {
        *shared = after;
        *fixed = 1;
        sys_exit(0);
    }
    expect("a child that writes to a read-only page (-1011: SIGSEGV)", -1011,
           exit_code(pid));
    expect("what the child wrote to MAP_SHARED memory", after, *shared);
}

static long
deep(int depth)
{
    volatile long pad[64];
    pad[5] = depth;
    if (depth == 0)
        return must_fork();
    long result = deep(depth - 1);
    return pad[5] == depth ? result : -1;
}

static void
test_stack(void)
{
    int code = (int)range(1, 255);
    long pid = deep(400);
    if (pid == 0)
        sys_exit(code);
    expect("the child's exit code, from under 400 calls", code,
           exit_code(pid));
}

// fork with known values in all registers; what they are afterwards.
long fork_with(const unsigned long in[14], unsigned long out[14]);
__asm__(
    ".globl fork_with\n"
    "fork_with:\n"
    "    pushq %rbx; pushq %rbp; pushq %r12; pushq %r13; pushq %r14\n"
    "    pushq %r15; pushq %rsi\n"
    "    movq 88(%rdi), %xmm0; movq 96(%rdi), %xmm6; movq 104(%rdi), %xmm15\n"
    "    movq (%rdi), %rbx; movq 8(%rdi), %rbp; movq 16(%rdi), %r8\n"
    "    movq 24(%rdi), %r9; movq 32(%rdi), %r10; movq 40(%rdi), %r12\n"
    "    movq 48(%rdi), %r13; movq 56(%rdi), %r14; movq 64(%rdi), %r15\n"
    "    movq 72(%rdi), %rdx; movq 80(%rdi), %rsi\n"
    "    movq $57, %rax\n"
    "    int $0x80\n"
    "    movq (%rsp), %rdi\n"
    "    movq %rbx, (%rdi); movq %rbp, 8(%rdi); movq %r8, 16(%rdi)\n"
    "    movq %r9, 24(%rdi); movq %r10, 32(%rdi); movq %r12, 40(%rdi)\n"
    "    movq %r13, 48(%rdi); movq %r14, 56(%rdi); movq %r15, 64(%rdi)\n"
    "    movq %rdx, 72(%rdi); movq %rsi, 80(%rdi)\n"
    "    movq %xmm0, 88(%rdi); movq %xmm6, 96(%rdi); movq %xmm15, 104(%rdi)\n"
    "    popq %rsi\n"
    "    popq %r15; popq %r14; popq %r13; popq %r12; popq %rbp; popq %rbx\n"
    "    ret\n");

static void
test_registers(void)
{
    unsigned long in[14], out[14];
    int wrong = 0;
    for (int i = 0; i < 14; i++)
        in[i] = rng_next(&rng);
    uint64_t tls = (uint64_t)(long)area + 0x1000;
    call6(SYS_arch_prctl, ARCH_SET_FS, (long)tls, 0, 0, 0, 0);
    long pid = fork_with(in, out);
    uint64_t fs = 0;
    call6(SYS_arch_prctl, ARCH_GET_FS, (long)&fs, 0, 0, 0, 0);
    // One bit for each that differs; the exit code has eight.
    for (int i = 0; i < 11; i++)
        wrong += in[i] != out[i];
    int sse = 0;
    for (int i = 11; i < 14; i++)
        sse += in[i] != out[i];
    if (pid == 0)
        sys_exit(wrong + 16 * sse + 128 * (fs != tls));
    if (pid < 0) {
        expect("fork()'s error (0: none)", 0, pid);
        return;
    }
    int child = exit_code(pid);
    expect("general registers that differ in the child (of 11)", 0,
           child & 15);
    expect("SSE registers that differ in the child (of 3)", 0,
           child >> 4 & 7);
    expect("the child's FS base differs", 0, child >> 7);
    expect("registers that differ in the parent", 0, wrong + sse);
}

static void
test_descriptors(void)
{
    char c = 0, path[100];
    int n = (int)range(1, 20);
    long fd = sys_open("/tmp/f", O_RDWR | O_CREAT, 0600);
    for (int i = 0; i < 40; i++) {
        c = (char)(i + 1);
        sys_write((int)fd, &c, 1);
    }
    sys_lseek((int)fd, 0, SEEK_SET);
    long copy = call6(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 0, 0, 0, 0);
    long pid = must_fork();
    if (pid == 0) {
        for (int i = 0; i < n; i++)
            sys_read((int)fd, &c, 1);
        long flags = call6(SYS_fcntl, copy, F_GETFD, 0, 0, 0, 0);
        sys_close((int)fd);
        sys_exit((int)flags);
    }
    expect("close-on-exec, in the child (247: it has no such descriptor)",
           FD_CLOEXEC, exit_code(pid));
    expect("a read by the parent, the child having closed its descriptor", 1,
           sys_read((int)fd, &c, 1));
    expect("the byte that it reads: the offset is shared", n + 1, c);
    sys_close((int)fd);
    sys_close((int)copy);
    // A pipe ends when the last writer has closed it, the child included.
    int p[2];
    sys_pipe(p);
    pid = must_fork();
    if (pid == 0)
        sys_exit(0);
    exit_code(pid);
    sys_close(p[1]);
    expect("end of file, the child and the parent having let go", 0,
           sys_read(p[0], &c, 1));
    sys_close(p[0]);
    call6(SYS_unlink, (long)"/tmp/f", 0, 0, 0, 0, 0);
    call6(SYS_mkdir, (long)"/tmp/d", 0700, 0, 0, 0, 0);
    call6(SYS_chdir, (long)"/tmp/d", 0, 0, 0, 0, 0);
    pid = must_fork();
    if (pid == 0)
        sys_exit((int)call6(SYS_getcwd, (long)path, sizeof(path), 0, 0, 0, 0));
    expect("the length of the child's working directory", 7, exit_code(pid));
    call6(SYS_chdir, (long)"/", 0, 0, 0, 0, 0);
    expect("rmdir of it", 0, call6(SYS_rmdir, (long)"/tmp/d", 0, 0, 0, 0, 0));
}

static void
test_many(void)
{
    long pid[60];
    int code[60], n = (int)range(40, 60), wrong = 0;
    for (int i = 0; i < n; i++) {
        code[i] = (int)range(0, 255);
        pid[i] = must_fork();
        if (pid[i] == 0) {
            sys_yield();
            sys_exit(code[i]);
        }
    }
    for (int i = n - 1; i >= 0; i--)
        wrong += exit_code(pid[i]) != code[i];
    expect("children whose exit code came out wrong", 0, wrong);
}

static void
test_wait(void)
{
    int status = 0, fd[2];
    char c;
    int one = (int)range(1, 255), two = (int)range(1, 255);
    expect("wait4() without children: -ECHILD", -ECHILD,
           sys_wait4(-1, &status, 0));
    sys_pipe(fd);
    long a = must_fork();
    if (a == 0) {
        sys_read(fd[0], &c, 1);
        sys_exit(one);
    }
    long b = must_fork();
    if (b == 0)
        sys_exit(two);
    expect("wait4() with WNOHANG, the child running", 0,
           sys_wait4((int)a, &status, WNOHANG));
    expect("wait4() for one of two", b, sys_wait4((int)b, &status, 0));
    expect("the status that it stored: the exit code << 8", two << 8, status);
    expect("wait4() for the same child again", -ECHILD,
           sys_wait4((int)b, &status, 0));
    expect("wait4() for process 1, which is no child", -ECHILD,
           sys_wait4(1, &status, 0));
    sys_write(fd[1], "x", 1);
    expect("wait4(-1), for any child", a, sys_wait4(-1, &status, 0));
    expect("the status that it stored: the exit code << 8", one << 8, status);
    expect("wait4() with an option that there is not, 0x800", -EINVAL,
           sys_wait4(-1, &status, 0x800));
    a = must_fork();
    if (a == 0)
        for (;;)
            sleep_ms(100);
    sys_kill((int)a, SIGTERM);
    expect("wait4() for a child that a signal ends", a,
           sys_wait4(-1, &status, 0));
    expect("the status of a child that SIGTERM ended", SIGTERM, status);
    a = must_fork();
    if (a == 0)
        sys_exit(0);
    expect("wait4() with a status pointer that points nowhere", -EFAULT,
           sys_wait4((int)a, (int *)8, 0));
    expect("wait4() again, after the status could not be stored: the child is "
           "gone all the same", -ECHILD, sys_wait4((int)a, &status, 0));
    sys_close(fd[0]);
    sys_close(fd[1]);
}

static void
test_zombies(void)
{
    int left = 0;
    long before = 0;
    // More children than there are slots in the table, one after the other.
    for (int i = 0; i < 300; i++) {
        if (i == 2)
            before = probe(PROBE_FREE, 0);
        long pid = must_fork();
        if (pid == 0)
            sys_exit(i & 255);
        left += exit_code(pid) != (i & 255);
    }
    expect("wrong exit codes of 300 children, one at a time", 0, left);
    expect("processes left over", 1, probe(PROBE_PROCS, 0));
    expect("free frames afterwards", before, probe(PROBE_FREE, 0));
    long pid = must_fork();
    if (pid == 0)
        sys_exit(0);
    sleep_ms(50);
    expect("processes, while a zombie has not been waited for", 2,
           probe(PROBE_PROCS, 0));
    exit_code(pid);
}

static void
test_orphans(void)
{
    // We are init: the grandchild becomes ours when its parent ends.
    int fd[2], status = 0, code = (int)range(1, 255), seen = 0;
    long told[2] = { 0, 0 };
    sys_pipe(fd);
    long pid = must_fork();
    if (pid == 0) {
        if (must_fork() == 0) {
            long parent = sys_getppid();
            while (sys_getppid() == parent)
                sys_yield();
            told[0] = sys_getpid();
            told[1] = sys_getppid();
            sys_write(fd[1], told, sizeof(told));
            sys_exit(code);
        }
        if (must_fork() == 0)
            sys_exit(0);    // a zombie that is orphaned
        sleep_ms(30);
        sys_exit(0);
    }
    expect("the child's exit code", 0, exit_code(pid));
    sys_read(fd[0], told, sizeof(told));
    expect("an orphan's getppid()", 1, told[1]);
    for (int i = 0; i < 2; i++)
        if (sys_wait4(-1, &status, 0) == told[0])
            seen = status >> 8;
    expect("the orphan's exit code, waited for by init", code, seen);
    expect("nobody left to wait for", -ECHILD, sys_wait4(-1, &status, 0));
    sys_close(fd[0]);
    sys_close(fd[1]);
}

static void
test_exec(void)
{
    char *argv[] = { "/bin/false", NULL };
    long before = 0;
    for (int i = 0; i < 20; i++) {
        if (i == 2)
            before = probe(PROBE_FREE, 0);
        long pid = must_fork();
        if (pid == 0) {
            sys_execve(argv[0], argv, argv + 1);
            sys_exit(99);
        }
        expect("the exit code of a program that a child executes", 1,
               exit_code(pid));
    }
    expect("free frames after 18 of them", before, probe(PROBE_FREE, 0));
}

static int
tree(int depth, int width)
{
    int count = 1;
    for (int i = 0; depth > 0 && i < width; i++) {
        long pid = must_fork();
        if (pid == 0)
            sys_exit(tree(depth - 1, width));
        count += exit_code(pid);
    }
    return count;
}

static void
test_tree(void)
{
    expect("processes in a tree of forks, 5 deep, 2 wide", 63, tree(5, 2));
    expect("processes in a tree of forks, 4 deep, 3 wide", 121, tree(4, 3));
}

static void
test_vfork(void)
{
    volatile long *shared = sys_mmap(0, PAGE, RW, MAP_PRIVATE);
    long value = range(1, 1000000);
    int code = (int)range(1, 255);
    long pid = sys_vfork();
    if (pid == 0) {
        for (int i = 0; i < 20; i++)
            sys_yield();
        *shared = value;
        sys_exit(code);
    }
    expect("what a vfork child wrote before it ended", value, *shared);
    expect("the exit code of a vfork child", code, exit_code(pid));
}

static void
note(int sig)
{
    (void)sig;
}

static void
test_signals(void)
{
    // A child inherits what is blocked and what is ignored, nothing pending.
    uint64_t mask = 1UL << (SIGUSR1 - 1), pending = 0;
    set_handler(SIGUSR2, (void (*)(int))SIG_IGN, 0);
    call6(SYS_rt_sigprocmask, SIG_BLOCK, (long)&mask, 0, 8, 0, 0);
    set_handler(SIGUSR1, note, 0);
    sys_kill(1, SIGUSR1);
    long pid = must_fork();
    if (pid == 0) {
        call6(SYS_rt_sigpending, (long)&pending, 8, 0, 0, 0, 0);
        sys_kill((int)sys_getpid(), SIGUSR2);
        sys_kill((int)sys_getpid(), SIGUSR1);
        sys_exit(pending == 0 ? 3 : 4);
    }
    expect("a child's exit code (4: a signal was pending in it; -1010 or "
           "-1012: one that is blocked or ignored ended it)", 3,
           exit_code(pid));
    pid = must_fork();
    if (pid == 0)
        sys_exit(0);
    sleep_ms(20);
    // SIGCHLD: a handler runs when a child ends.
    uint64_t chld = 1UL << (SIGCHLD - 1);
    exit_code(pid);
    set_handler(SIGCHLD, note, 0);
    call6(SYS_rt_sigprocmask, SIG_BLOCK, (long)&chld, 0, 8, 0, 0);
    pid = must_fork();
    if (pid == 0)
        sys_exit(0);
    exit_code(pid);
    call6(SYS_rt_sigpending, (long)&pending, 8, 0, 0, 0, 0);
    expect("SIGCHLD is pending when a child has ended", 1,
           (pending & chld) != 0);
}

static void
test_failures(void)
{
    area = sys_mmap(0, AREA_PAGES * PAGE, RW, MAP_PRIVATE);
    for (int i = 0; i < AREA_PAGES; i++)
        area[i * PAGE] = (char)i;
    int wrong = 0, again = 0, n;
    for (n = 1; n < 400; n++) {
        long before = probe(PROBE_FREE, 0), procs = probe(PROBE_PROCS, 0);
        probe(PROBE_FAIL, n);
        long pid = sys_fork();
        if (pid == 0)
            sys_exit(0);
        long tripped = probe(PROBE_TRIPPED, 0);
        if (pid > 0) {
            expect("a fork all of whose allocations worked", 0, tripped);
            exit_code(pid);
            break;
        }
        // The slot is what to try again for; everything else is memory.
        if (pid == -EAGAIN)
            again++;
        else
            expect("fork()'s error when an allocation fails", -ENOMEM, pid);
        expect("free frames after a fork that failed", before,
               probe(PROBE_FREE, 0));
        expect("processes after a fork that failed", procs,
               probe(PROBE_PROCS, 0));
        for (int i = 0; i < AREA_PAGES; i++)
            wrong += area[i * PAGE] != (char)i;
        expect("wait4() after it", -ECHILD, sys_wait4(-1, NULL, WNOHANG));
    }
    expect("allocations whose failure is -EAGAIN: only the slot's", 1, again);
    expect("bytes of the parent that a failed fork changed", 0, wrong);
    expect("allocations in a fork with 40 pages: 40 at least", 1, n > 40);
}

static void
test_no_memory(void)
{
    static long pid[130];
    area = sys_mmap(0, 200 * PAGE, RW, MAP_PRIVATE);
    for (int round = 0; round < 3; round++) {
        int fd[2], n = 0;
        char c;
        long before = probe(PROBE_FREE, 0), error;
        sys_pipe(fd);
        while ((error = pid[n] = sys_fork()) >= 0) {
            if (error == 0) {
                sys_close(fd[1]);
                sys_read(fd[0], &c, 1);
                sys_exit(0);
            }
            n++;
        }
        expect("fork() until memory is gone: -ENOMEM", -ENOMEM, error);
        expect("children before that: more than 5", 1, n > 5);
        sys_close(fd[0]);
        sys_close(fd[1]);
        for (int i = 0; i < n; i++)
            expect("a child's exit code", 0, exit_code(pid[i]));
        expect("free frames when they have ended", before,
               probe(PROBE_FREE, 0));
    }
}

const struct guest_test guest_tests[] = {
    { "returns", test_returns }, { "memory", test_memory },
    { "stack", test_stack }, { "registers", test_registers },
    { "descriptors", test_descriptors }, { "many", test_many },
    { "wait", test_wait }, { "zombies", test_zombies },
    { "orphans", test_orphans }, { "exec", test_exec }, { "tree", test_tree },
    { "vfork", test_vfork }, { "signals", test_signals },
    { "failures", test_failures }, { "no-memory", test_no_memory },
    { NULL, NULL },
};
