// SPDX-License-Identifier: MIT
// test-fork.c -- fork, wait4, exit and exec as a program sees them.
#include "rt.h"

#define TREE_DEPTH 5

static volatile int global = 1;

static void
return_values(void)
{
    long me = sys_getpid();
    int fd[2];
    long told[2];
    sys_pipe(fd);
    long pid = sys_fork();
    if (pid == 0) {
        told[0] = sys_getpid();
        told[1] = sys_getppid();
        sys_write(fd[1], told, sizeof(told));
        sys_exit(7);
    }
    sys_read(fd[0], told, sizeof(told));
    check(pid > me, "fork returns a new pid to the parent");
    check_eq(told[0], pid, "it is the child's own");
    check_eq(told[1], me, "and the child's parent is the parent");
    check_eq(wait_for(pid), 7 << 8, "wait4 reports the exit code");
    check_eq(wait_for(pid), -ECHILD, "and only once");
    sys_close(fd[0]);
    sys_close(fd[1]);
}

static void
both_entries(void)
{
    long pid = call_int80(SYS_fork, 0, 0, 0);
    if (pid == 0)
        sys_exit(3);
    check_eq(wait_for(pid), 3 << 8, "fork by int $0x80 does the same");
    pid = sys_vfork();
    if (pid == 0)
        sys_exit(4);
    check_eq(wait_for(pid), 4 << 8, "and vfork");
    int tid = 0;
    pid = call6(SYS_clone, CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD,
                0, 0, (long)&tid, 0, 0);
    if (pid == 0)
        sys_exit(tid == sys_getpid() ? 5 : 6);
    check_eq(wait_for(pid), 5 << 8, "clone tells the child its tid");
    check_eq(tid, 0, "in the child's memory only");
}

static void
memory(void)
{
    volatile int local = 10;
    long pid = sys_fork();
    if (pid == 0) {
        global += 1;
        local += 1;
        sys_exit(global * 16 + local);
    }
    check_eq(wait_for(pid), (2 * 16 + 11) << 8, "a child writes to its copy");
    check(global == 1 && local == 10, "the parent does not see it");
    int fd[2];
    char c;
    sys_pipe(fd);
    pid = sys_fork();
    if (pid == 0) {
        sys_read(fd[0], &c, 1);
        sys_exit(global * 16 + local);
    }
    global = 5;
    local = 6;
    sys_write(fd[1], "x", 1);
    check_eq(wait_for(pid), (16 + 10) << 8, "nor the child what it writes");
    global = 1;
    sys_close(fd[0]);
    sys_close(fd[1]);
}

// fork with a known value in every register; how many differ afterwards, as
// the parent's return value and as the child's exit code.
long fork_registers(unsigned long *seen);
__asm__(
    ".globl fork_registers\n"
    "fork_registers:\n"
    "    pushq %rbx; pushq %rbp; pushq %r12; pushq %r13; pushq %r14\n"
    "    pushq %r15; pushq %rdi\n"
    "    movq $0x1111, %rbx; movq $0x2222, %rbp; movq $0x3333, %r8\n"
    "    movq $0x4444, %r9; movq $0x5555, %r10; movq $0x6666, %r12\n"
    "    movq $0x7777, %r13; movq $0x8888, %r14; movq $0x9999, %r15\n"
    "    movq $0xaaaa, %rdx; movq $0xbbbb, %rsi\n"
    "    movq %rbx, %xmm0; movq %rsi, %xmm7; movq %r15, %xmm15\n"
    "    movq $57, %rax\n"
    "    int $0x80\n"
    "    xchgq %rdi, (%rsp)\n"
    "    movq %rbx, (%rdi); movq %rbp, 8(%rdi); movq %r8, 16(%rdi)\n"
    "    movq %r9, 24(%rdi); movq %r10, 32(%rdi); movq %r12, 40(%rdi)\n"
    "    movq %r13, 48(%rdi); movq %r14, 56(%rdi); movq %r15, 64(%rdi)\n"
    "    movq %rdx, 72(%rdi); movq %rsi, 80(%rdi)\n"
    "    movq %xmm0, 88(%rdi); movq %xmm7, 96(%rdi); movq %xmm15, 104(%rdi)\n"
    "    popq %rdi\n"
    "    popq %r15; popq %r14; popq %r13; popq %r12; popq %rbp; popq %rbx\n"
    "    ret\n");

static void
registers(void)
{
    static const unsigned long want[14] = { 0x1111, 0x2222, 0x3333, 0x4444,
        0x5555, 0x6666, 0x7777, 0x8888, 0x9999, 0xaaaa, 0xbbbb,
        0x1111, 0xbbbb, 0x9999 };
    unsigned long seen[14];
    long pid = fork_registers(seen);
    int wrong = 0;
    for (int i = 0; i < 14; i++)
        wrong += seen[i] != want[i];
    if (pid == 0)
        sys_exit(wrong);
    check_eq(wait_for(pid), 0, "the child has all registers, SSE too");
    check_eq(wrong, 0, "and the parent keeps its own");
}

static int
deep(int depth)
{
    volatile char pad[1000];
    pad[0] = (char)depth;
    if (depth == 0) {
        long pid = sys_fork();
        return pid == 0 ? -1 : (int)pid;
    }
    int result = deep(depth - 1);
    if (pad[0] != (char)depth)
        sys_exit(99);
    return result;
}

static void
deep_stack(void)
{
    int pid = deep(300);
    if (pid == -1)
        sys_exit(12);
    check_eq(wait_for(pid), 12 << 8, "a child returns through a deep stack");
}

static void
descriptors(void)
{
    char buf[8] = "";
    long fd = sys_open("/tmp/shared", O_RDWR | O_CREAT | O_TRUNC, 0600);
    sys_write((int)fd, "abcdefgh", 8);
    sys_lseek((int)fd, 0, SEEK_SET);
    long pid = sys_fork();
    if (pid == 0) {
        sys_read((int)fd, buf, 3);
        sys_close((int)fd);
        sys_exit(0);
    }
    wait_for(pid);
    check_eq(sys_read((int)fd, buf, 1), 1, "a child's close is its own");
    check_eq(buf[0], 'd', "the offset is shared");
    sys_close((int)fd);
    call6(SYS_unlink, (long)"/tmp/shared", 0, 0, 0, 0, 0);
}

static void
waiting(void)
{
    int status = 0;
    check_eq(sys_wait4(-1, &status, 0), -ECHILD, "no child: ECHILD");
    check_eq(sys_wait4(-1, &status, 0x1000), -EINVAL, "no such option: EINVAL");
    int fd[2];
    char c;
    sys_pipe(fd);
    long a = sys_fork();
    if (a == 0) {
        sys_read(fd[0], &c, 1);
        sys_exit(1);
    }
    long b = sys_fork();
    if (b == 0)
        sys_exit(2);
    check_eq(sys_wait4((int)a, &status, WNOHANG), 0, "WNOHANG: not yet");
    check_eq(sys_wait4((int)b, &status, 0), b, "wait4 waits for the one named");
    check_eq(sys_wait4((int)b, &status, 0), -ECHILD, "which is gone then");
    sys_write(fd[1], "x", 1);
    check_eq(sys_wait4(-1, &status, 0), a, "or for any");
    check_eq(status, 1 << 8, "with its own status");
    a = sys_fork();
    if (a == 0)
        for (;;)
            sleep_ms(1000);
    sys_kill((int)a, SIGTERM);
    check_eq(wait_for(a), SIGTERM, "the signal that killed it is reported");
    sys_close(fd[0]);
    sys_close(fd[1]);
}

static void
many(void)
{
    long pid[40];
    int right = 0;
    for (int i = 0; i < 40; i++) {
        pid[i] = sys_fork();
        if (pid[i] == 0) {
            sys_yield();
            sys_exit(i);
        }
    }
    for (int i = 39; i >= 0; i--)
        right += wait_for(pid[i]) == i << 8;
    check_eq(right, 40, "40 children at once, each with its status");
}

// Every process of the tree forks two; the exit code is the number of
// processes in the subtree.
static int
tree(int depth)
{
    int count = 1;
    for (int i = 0; depth > 0 && i < 2; i++) {
        long pid = sys_fork();
        if (pid == 0)
            sys_exit(tree(depth - 1));
        if (pid > 0)
            count += wait_for(pid) >> 8;
    }
    return count;
}

static void
orphans(void)
{
    int fd[2];
    long told[2];
    sys_pipe(fd);
    long pid = sys_fork();
    if (pid == 0) {
        if (sys_fork() == 0) {
            while (sys_getppid() != 1)
                sys_yield();
            told[0] = sys_getpid();
            told[1] = sys_getppid();
            sys_write(fd[1], told, sizeof(told));
            sys_exit(0);
        }
        sys_exit(0);
    }
    wait_for(pid);
    sys_read(fd[0], told, sizeof(told));
    check_eq(told[1], 1, "an orphan's parent is init");
    // init reaps it, in its own time.
    for (int i = 0; i < 1000 && sys_kill((int)told[0], 0) == 0; i++)
        sleep_ms(1);
    check_eq(sys_kill((int)told[0], 0), -ESRCH, "and init reaps it");
    sys_close(fd[0]);
    sys_close(fd[1]);
}

static void
zombies(void)
{
    long before = probe(PROBE_PROCS, 0), frames = probe(PROBE_FREE, 0);
    long pid = sys_fork();
    if (pid == 0)
        sys_exit(0);
    while (sys_kill((int)pid, 0) == 0 && probe(PROBE_PROCS, 0) == before)
        sys_yield();
    for (int i = 0; i < 10; i++)
        sys_yield();
    check_eq(probe(PROBE_PROCS, 0), before + 1, "a zombie keeps its slot");
    check_eq(sys_kill((int)pid, 0), 0, "and its pid");
    wait_for(pid);
    check_eq(probe(PROBE_PROCS, 0), before, "until it is waited for");
    // One frame at most: the page that this very comparison has unshared.
    check(frames - probe(PROBE_FREE, 0) <= 1, "and then its memory is back");
}

static void
exec(void)
{
    char *argv[] = { "/bin/sh", "-c", "exit 9", NULL };
    char *none[] = { NULL };
    int fd[2];
    sys_pipe(fd);
    call6(SYS_fcntl, fd[1], F_SETFD, FD_CLOEXEC, 0, 0, 0);
    long pid = sys_fork();
    if (pid == 0) {
        sys_execve("/bin/sh", argv, none);
        sys_exit(1);
    }
    check_eq(wait_for(pid), 9 << 8, "exec after fork");
    sys_close(fd[1]);
    char c;
    check_eq(sys_read(fd[0], &c, 1), 0, "a close-on-exec descriptor is closed");
    sys_close(fd[0]);
    pid = sys_vfork();
    if (pid == 0) {
        sys_execve("/bin/sh", argv, none);
        sys_exit(1);
    }
    check_eq(wait_for(pid), 9 << 8, "exec after vfork");
    global = 77;
    check_eq(sys_execve("/bin/none", argv, none), -ENOENT, "a failed exec");
    check_eq(sys_execve("/dev/null", argv, none), -EACCES, "changes nothing");
    check_eq(global, 77, "at all");
}

int
main(int argc, char **argv)
{
    (void)argc, (void)argv;
    return_values();
    both_entries();
    memory();
    registers();
    deep_stack();
    descriptors();
    waiting();
    many();
    check_eq(tree(TREE_DEPTH), 63,
             "a tree of forks five deep has 63 processes");
    orphans();
    zombies();
    exec();
    return plan();
}
