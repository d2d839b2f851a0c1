// SPDX-License-Identifier: MIT
// guest.c -- the program of lab 2, run in the machine as init: fork, wait4 and
// exit as a program sees them, with numbers that change with every challenge.
#include "guest.h"

#define PAGE 4096
#define RW (PROT_READ | PROT_WRITE)
#define AREA_PAGES 40

static volatile long global;
static char *area;

static void
note(int sig)
{
    (void)sig;
}

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

static long
brk_to(long to)
{
    return call6(SYS_brk, to, 0, 0, 0, 0, 0);
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
    // The heap is where it was, and can grow and shrink as before.
    long start = brk_to(0), end = start + 2 * PAGE + range(1, PAGE - 1);
    brk_to(end);
    *(char *)(end - 1) = 1;
    pid = must_fork();
    if (pid == 0) {
        wrong = brk_to(0) != end;
        wrong += 2 * (brk_to(start - 1) != end);
        wrong += 4 * (brk_to(end + PAGE) != end + PAGE);
        if (wrong == 0)
            *(char *)(end + PAGE - 1) = *(char *)(end - 1);
        wrong += 8 * (brk_to(start) != start);
        sys_exit(wrong);
    }
    int heap = exit_code(pid);
    expect_between("the exit code of a child that asks brk() for its heap", 0,
                   15, heap);
    expect("brk(0) of the child differs from its parent's", 0, heap & 1);
    expect("brk() lets the child's heap end before it starts", 0,
           heap >> 1 & 1);
    expect("brk() does not let the child's heap grow", 0, heap >> 2 & 1);
    expect("brk() does not let the child's heap shrink to nothing", 0,
           heap >> 3 & 1);
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
    call6(SYS_arch_prctl, ARCH_SET_GS, (long)tls + 1, 0, 0, 0, 0);
    long pid = fork_with(in, out);
    uint64_t fs = 0, gs = 0;
    call6(SYS_arch_prctl, ARCH_GET_FS, (long)&fs, 0, 0, 0, 0);
    call6(SYS_arch_prctl, ARCH_GET_GS, (long)&gs, 0, 0, 0, 0);
    // One bit for each that differs; the exit code has eight.
    for (int i = 0; i < 11; i++)
        wrong += in[i] != out[i];
    int sse = 0;
    for (int i = 11; i < 14; i++)
        sse += in[i] != out[i];
    if (pid == 0)
        sys_exit(wrong + 16 * sse + 64 * (gs != tls + 1) + 128 * (fs != tls));
    if (pid < 0) {
        expect("fork()'s error (0: none)", 0, pid);
        return;
    }
    int child = exit_code(pid);
    expect("general registers that differ in the child (of 11)", 0,
           child & 15);
    expect("SSE registers that differ in the child (of 3)", 0,
           child >> 4 & 3);
    expect("the child's GS base differs", 0, child >> 6 & 1);
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

// What wait4() says of a child's use of things: zeros.
static void
wait_for_usage(void)
{
    unsigned char usage[144];
    int wrong = 0;
    memset(usage, 1, sizeof(usage));
    long a = must_fork();
    if (a == 0)
        sys_exit(0);
    expect("wait4() with a pointer for the rusage", a,
           call6(SYS_wait4, a, 0, 0, (long)usage, 0, 0));
    for (size_t i = 0; i < sizeof(usage); i++)
        wrong += usage[i] != 0;
    expect("bytes of the rusage, of 144, that are not 0", 0, wrong);
    a = must_fork();
    if (a == 0)
        sys_exit(0);
    expect("wait4() with a rusage pointer that points nowhere", -EFAULT,
           call6(SYS_wait4, a, 0, 0, 8, 0, 0));
    expect("wait4() again, after the rusage could not be stored: the child is "
           "gone all the same", -ECHILD, sys_wait4((int)a, NULL, 0));
}

// Three children: `a` in a group of its own, d in that, too, b in ours.
static void
wait_for_groups(void)
{
    int status = 0, up[2], down[2];
    int two = (int)range(1, 255), three = (int)range(1, 255);
    char c;
    sys_pipe(up);
    sys_pipe(down);
    long a = must_fork();
    if (a == 0) {
        c = (char)call6(SYS_setpgid, 0, 0, 0, 0, 0, 0);
        sys_write(up[1], &c, 1);
        sys_read(down[0], &c, 1);
        sys_exit(0);
    }
    long b = must_fork();
    if (b == 0)
        sys_exit(two);
    c = 1;
    sys_read(up[0], &c, 1);
    expect("setpgid(0, 0) of a child", 0, c);
    expect("wait4(0): of two children the one in the caller's process group, "
           "where a child is born", b, sys_wait4(0, &status, 0));
    expect("the status that it stored", two << 8, status);
    expect("wait4(0) with WNOHANG, the only child having a group of its own",
           -ECHILD, sys_wait4(0, &status, WNOHANG));
    expect("wait4() for a group without children (a pid below -1)", -ECHILD,
           sys_wait4((int)-b, &status, WNOHANG));
    expect("wait4() for the group of the child that runs, with WNOHANG", 0,
           sys_wait4((int)-a, &status, WNOHANG));
    long d = must_fork();
    if (d == 0)
        sys_exit(call6(SYS_setpgid, 0, a, 0, 0, 0, 0) == 0 ? three : 0);
    expect("wait4() for a group of two (a pid below -1): the one that has "
           "ended", d, sys_wait4((int)-a, &status, 0));
    expect("the status that it stored", three << 8, status);
    sys_write(down[1], "x", 1);
    expect("wait4() for the group that the other child has founded", a,
           sys_wait4((int)-a, &status, 0));
    for (int i = 0; i < 2; i++) {
        sys_close(up[i]);
        sys_close(down[i]);
    }
    // A group is not called after everybody who is in it.
    a = must_fork();
    if (a == 0) {
        b = must_fork();
        if (b == 0)
            sys_exit(0);
        sys_exit(sys_wait4(0, NULL, 0) == b ? two : 0);
    }
    expect("the exit code of a child for which wait4(0) has worked, too", two,
           exit_code(a));
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
    wait_for_usage();
    wait_for_groups();
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

// A zombie that is orphaned while init sleeps, and while none of init's own
// children ends: its parent is a grandchild.
static void
zombie_orphaned(int fd[2])
{
    long zombie = 0;
    int down[2];
    char c;
    sys_pipe(down);
    long pid = must_fork();
    if (pid == 0) {
        if (must_fork() == 0) {
            zombie = must_fork();
            if (zombie == 0)
                sys_exit(0);
            sys_write(fd[1], &zombie, sizeof(zombie));
            sleep_ms(30);
            sys_exit(0);
        }
        sys_read(down[0], &c, 1);
        sys_exit(0);
    }
    sys_read(fd[0], &zombie, sizeof(zombie));
    expect("wait4(-1) by init, for a zombie that is orphaned meanwhile", zombie,
           sys_wait4(-1, NULL, 0));
    sys_write(down[1], "x", 1);
    for (int i = 0; i < 2; i++) {
        sys_close(down[i]);
        expect("wait4(-1) for the child, and for its child", 1,
               sys_wait4(-1, NULL, 0) > 0);
    }
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
    zombie_orphaned(fd);
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

// clone() with a stack of its own for the child, which starts at `start` with
// its RSP as an argument.
long clone_at(long flags, uint64_t stack, int *parent_tid, int *child_tid,
              uint64_t tls, void (*start)(uint64_t rsp));
__asm__(
    ".globl clone_at\n"
    "clone_at:\n"
    "    movq %rcx, %r10; movl $56, %eax\n"
    "    syscall\n"
    "    testq %rax, %rax; jnz 1f\n"
    "    movq %rsp, %rdi; andq $-16, %rsp; call *%r9\n"
    "1:  ret\n");

static struct {
    uint64_t rsp, fs;       // what the child is to have
    uint64_t seen;          // the RSP that it has
    int tid;                // where its pid is stored for itself,
    int told;               // and for its parent
} clone;

static void
born(uint64_t rsp)
{
    uint64_t fs = 0;
    call6(SYS_arch_prctl, ARCH_GET_FS, (long)&fs, 0, 0, 0, 0);
    clone.seen = rsp;
    sys_exit((rsp != clone.rsp) + 2 * (fs != clone.fs)
             + 4 * (clone.tid != sys_getpid()));
}

// What a C library's fork() and posix_spawn() ask of clone().
static void
clone_to_stack(void)
{
    char *stack = sys_mmap(0, 4 * PAGE, RW, MAP_PRIVATE);
    clone.rsp = (uint64_t)stack + 4 * PAGE - 16 * (uint64_t)range(1, 100);
    clone.fs = PAGE * (uint64_t)range(1, 1000);
    long pid = clone_at(SIGCHLD | CLONE_SETTLS | CLONE_PARENT_SETTID
                        | CLONE_CHILD_SETTID, clone.rsp, &clone.told,
                        &clone.tid, clone.fs, born);
    expect_between("clone() with a stack, a TLS and two addresses for the pid",
                   1, 32767, pid);
    expect("the pid that it stored for the parent (CLONE_PARENT_SETTID)", pid,
           clone.told);
    expect("the word for the child's pid (CLONE_CHILD_SETTID) in the parent's "
           "memory, which is none of the child's", 0, clone.tid);
    int code = exit_code(pid);
    expect_between("the exit code of its child", 0, 7, code);
    expect("the child's RSP is not the stack that clone() was given", 0,
           code & 1);
    expect("the child's FS base is not the TLS that clone() was given", 0,
           code >> 1 & 1);
    expect("the child does not find its pid where CLONE_CHILD_SETTID says", 0,
           code >> 2);
}

static void
clone_in_memory(void)
{
    uint64_t fs = 0;
    call6(SYS_arch_prctl, ARCH_GET_FS, (long)&fs, 0, 0, 0, 0);
    clone.fs = fs;
    clone.rsp -= 16 * (uint64_t)range(1, 100);
    clone.seen = 0;
    long pid = clone_at(SIGCHLD | CLONE_VM | CLONE_VFORK | CLONE_CHILD_SETTID,
                        clone.rsp, NULL, &clone.tid, 0, born);
    expect("a child in its parent's memory has the stack that clone() was "
           "given", 1, clone.seen == clone.rsp);
    expect("the pid that clone() stored in their memory", pid, clone.tid);
    expect("the exit code of that child", 0, exit_code(pid));
}

// A parent that ignores SIGCHLD vforks; before it can go on, another's vfork()
// gets the slot that its child had, and that child waits for the parent.
static void
slot_used_again(void)
{
    int first[2], second[2];
    char c;
    sys_pipe(first);
    sys_pipe(second);
    long other = must_fork();
    if (other == 0) {
        sys_read(first[0], &c, 1);
        if (sys_vfork() == 0) {
            sys_read(second[0], &c, 1);
            sys_exit(0);
        }
        sys_exit(0);
    }
    long parent = must_fork();
    if (parent == 0) {
        set_handler(SIGCHLD, (void (*)(int))SIG_IGN, 0);
        if (sys_vfork() == 0) {
            sys_write(first[1], "x", 1);
            sys_exit(0);
        }
        sys_write(second[1], "x", 1);
        sys_exit(0);
    }
    expect("the end of a parent of a vfork child, which ignores SIGCHLD", 0,
           exit_code(parent));
    expect("the end of another one", 0, exit_code(other));
    for (int i = 0; i < 2; i++) {
        sys_close(first[i]);
        sys_close(second[i]);
    }
    // Its child is ours now: what it left is a zombie, or was one.
    while (sys_wait4(-1, NULL, 0) > 0)
        ;
}

static void
test_vfork(void)
{
    volatile long *shared = sys_mmap(0, PAGE, RW, MAP_PRIVATE);
    long value = range(1, 1000000);
    int code = (int)range(1, 255);
    set_handler(SIGUSR1, note, 0);      // it has to wait, too
    long pid = sys_vfork();
    if (pid == 0) {
        sys_kill(1, SIGUSR1);
        for (int i = 0; i < 20; i++)
            sys_yield();
        *shared = value;
        sys_exit(code);
    }
    expect("what a vfork child wrote before it ended", value, *shared);
    expect("the exit code of a vfork child", code, exit_code(pid));
    slot_used_again();
    clone_to_stack();
    clone_in_memory();
}

// A handler runs while wait4() sleeps: it ends, or starts again.
static void
signal_while_waiting(void)
{
    int status = 0, code = (int)range(1, 255);
    set_handler(SIGUSR2, note, 0);
    long pid = must_fork();
    if (pid == 0)
        for (;;) {
            sys_kill(1, SIGUSR2);
            sleep_ms(10);
        }
    expect("wait4(), a signal having come that has a handler", -EINTR,
           sys_wait4((int)pid, &status, 0));
    set_handler(SIGUSR2, note, SA_RESTART);
    sys_kill((int)pid, SIGKILL);
    expect("wait4() once more, for the same child, which SIGKILL ends", pid,
           sys_wait4((int)pid, &status, 0));
    pid = must_fork();
    if (pid == 0) {
        for (int i = 0; i < 3; i++) {
            sys_kill(1, SIGUSR2);
            sleep_ms(10);
        }
        sys_exit(code);
    }
    expect("wait4(), a signal having come whose handler has SA_RESTART", pid,
           sys_wait4((int)pid, &status, 0));
    expect("the status that it stored", code << 8, status);
}

// A parent that does not want to hear of its children has no zombies.
static void
nobody_waits(uint64_t handler, unsigned flags, const char *what)
{
    int status = 0;
    set_handler(SIGCHLD, (void (*)(int))handler, flags);
    long pid = must_fork();
    if (pid == 0)
        sys_exit(0);
    expect(what, -ECHILD, sys_wait4((int)pid, &status, 0));
    expect("processes, when the child of such a parent has ended", 1,
           probe(PROBE_PROCS, 0));
    set_handler(SIGCHLD, (void (*)(int))SIG_DFL, 0);
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
    set_handler(SIGCHLD, (void (*)(int))SIG_DFL, 0);
    call6(SYS_rt_sigprocmask, SIG_UNBLOCK, (long)&chld, 0, 8, 0, 0);
    signal_while_waiting();
    nobody_waits(SIG_IGN, 0, "wait4() for a child, SIGCHLD being ignored");
    nobody_waits(SIG_DFL, SA_NOCLDWAIT,
                 "wait4() for a child, SIGCHLD having SA_NOCLDWAIT");
}

// What a great-grandchild says of itself.
struct told {
    long founder, group, session, umask, name;
};

static bool
is_named(const char *name)
{
    struct probe_proc p;
    for (long slot = 0; slot < 128; slot++)
        if (call6(SYS_probe, PROBE_PROC, slot, (long)&p, 0, 0, 0) == 0
            && p.pid == sys_getpid())
            return strcmp(p.name, name) == 0;
    return false;
}

// The parent's half of a fork ends the process, when its child has ended.
static void
go_on_as_child(void)
{
    long pid = must_fork();
    if (pid != 0)
        sys_exit(exit_code(pid));
}

// A session, in it a group, and in that two more.
static void
descend(int to, long mask)
{
    call6(SYS_setsid, 0, 0, 0, 0, 0, 0);
    go_on_as_child();
    call6(SYS_setpgid, 0, 0, 0, 0, 0, 0);
    call6(SYS_umask, mask, 0, 0, 0, 0, 0);
    struct told t = { .founder = sys_getpid() };
    go_on_as_child();
    go_on_as_child();
    t.group = call6(SYS_getpgrp, 0, 0, 0, 0, 0, 0);
    t.session = call6(SYS_getsid, 0, 0, 0, 0, 0, 0);
    t.umask = call6(SYS_umask, 0, 0, 0, 0, 0, 0);
    t.name = is_named("init");
    sys_write(to, &t, sizeof(t));
    sys_exit(0);
}

// A grandchild of init's takes what memory it gets; a child of init's can still
// fork then, which is what the reserve is for.
static void
use_the_reserve(void)
{
    int up[2], down[2];
    long error = 0;
    char c;
    sys_pipe(up);
    sys_pipe(down);
    long pid = must_fork();
    if (pid == 0) {
        for (size_t n = 256; n > 0; n /= 2)
            while ((long)sys_mmap(0, n * PAGE, RW, MAP_PRIVATE) > 0)
                ;
        error = sys_fork();
        if (error == 0)
            sys_exit(0);
        sys_write(up[1], &error, sizeof(error));
        sys_read(down[0], &c, 1);
        sys_exit(0);
    }
    sys_read(up[0], &error, sizeof(error));
    long child = sys_fork();
    if (child == 0)
        sys_exit(7);
    int wrong = child < 0 || exit_code(child) != 7;
    sys_write(down[1], "x", 1);
    exit_code(pid);
    sys_exit(wrong + 2 * (error != -ENOMEM));
}

static void
test_inherits(void)
{
    struct told t = { 0 };
    int fd[2];
    long mask = 0100 + range(0, 077);  // not the usual one
    sys_pipe(fd);
    long pid = must_fork();
    if (pid == 0)
        descend(fd[1], mask);
    sys_close(fd[1]);
    expect("how a child ends whose child's child tells what it has inherited",
           0, exit_code(pid));
    expect("bytes that it tells", sizeof(t),
           sys_read(fd[0], &t, sizeof(t)));
    sys_close(fd[0]);
    expect("its session: the pid of who founded it (0: none)", pid, t.session);
    expect("its process group: the pid of who founded it (0: none)", t.founder,
           t.group);
    expect("its umask", mask, t.umask);
    expect("its name in the table of processes is its parent's", 1, t.name);
    pid = must_fork();
    if (pid == 0)
        use_the_reserve();
    int code = exit_code(pid);
    expect_between("how a child of init's ends, whose child uses up memory", 0,
                   3, code);
    expect("fork() by init's child's child, when only the reserve is left, "
           "does not say -ENOMEM", 0, code >> 1);
    expect("fork() by init's child does not work then", 0, code & 1);
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
    { "inherits", test_inherits },
    { "failures", test_failures }, { "no-memory", test_no_memory },
    { NULL, NULL },
};
