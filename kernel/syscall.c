// SPDX-License-Identifier: MIT
// syscall.c -- from the number to the function, and the calls that are too
// small for a file of their own.  Called by trap.c.  Book: chapter 2.
#include "clock.h"
#include "exec.h"
#include "fork.h"
#include "preempt.h"
#include "probe.h"
#include "random.h"
#include "signal.h"
#include "syscall.h"
#include "sysfile.h"
#include "sysmem.h"
#include "trace.h"
#include "x86.h"

#define NUMBERS 1024
#define EPOCH 1767225600L       // the clock of all tests: 2026-01-01 UTC
#define RLIMIT_STACK 3
#define RLIMIT_NPROC 6
#define RLIMIT_NOFILE 7
#define RLIMITS 16
#define GRND_ALL 7u
#define ROBUST_LIST_SIZE 24

// ---- processes ------------------------------------------------------------

// clone, as the C libraries' fork, vfork and posix_spawn use it.
static int64_t
sys_clone(uint64_t flags, uint64_t stack, uint64_t parent_tid,
          uint64_t child_tid, uint64_t tls)
{
    uint64_t known = CSIGNAL | CLONE_VM | CLONE_VFORK | CLONE_SETTLS
                     | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID
                     | CLONE_CHILD_SETTID;
    uint64_t signal = flags & CSIGNAL;
    bool vm = flags & CLONE_VM, vfork = flags & CLONE_VFORK;
    // No threads: shared memory only while the parent waits.
    if ((flags & ~known) || (vm && !vfork) || (signal != SIGCHLD && signal))
        return -EINVAL;
    if ((flags & CLONE_SETTLS) && tls >= USER_TOP)
        return -EPERM;
    struct fork_how how = {
        .share_memory = vm,
        .parent_waits = vfork,
        .stack = stack,
        .parent_tid = flags & CLONE_PARENT_SETTID ? parent_tid : 0,
        .set_tid = flags & CLONE_CHILD_SETTID ? child_tid : 0,
        .set_tls = flags & CLONE_SETTLS,
        .tls = tls,
    };
    return do_fork(&how);
}

static int64_t
sys_fork(void)
{
    struct fork_how how = { 0 };
    int64_t pid = do_fork(&how);
    if (pid > 0)
        trace_forked(proc_find((int)pid));
    return pid;
}

static int64_t
sys_vfork(void)
{
    struct fork_how how = { .share_memory = true, .parent_waits = true };
    return do_fork(&how);
}

static int64_t
sys_getppid(void)
{
    return current->parent != NULL ? current->parent->pid : 0;
}

// `pid`, or the running process for 0; NULL if there is none.
static struct proc *
proc_or_self(int pid)
{
    return pid == 0 ? current : proc_find(pid);
}

static int64_t
sys_getpgid(int pid)
{
    struct proc *p = proc_or_self(pid);
    return p == NULL ? -ESRCH : p->pgid;
}

static int64_t
sys_getsid(int pid)
{
    struct proc *p = proc_or_self(pid);
    return p == NULL ? -ESRCH : p->sid;
}

static bool
group_exists(int pgid, int sid)
{
    for (struct proc *p = procs; p < procs + NPROC; p++)
        if (p->state > EMBRYO && p->pgid == pgid && p->sid == sid)
            return true;
    return false;
}

static int64_t
sys_setpgid(int pid, int pgid)
{
    struct proc *p = proc_or_self(pid);
    if (pgid < 0 || pid < 0)
        return -EINVAL;
    if (p == NULL || (p != current && p->parent != current))
        return -ESRCH;
    if (pgid == 0)
        pgid = p->pid;
    if (p->sid == p->pid || p->sid != current->sid
        || (pgid != p->pid && !group_exists(pgid, p->sid)))
        return -EPERM;
    p->pgid = pgid;
    return 0;
}

static int64_t
sys_setsid(void)
{
    for (struct proc *p = procs; p < procs + NPROC; p++)
        if (p->state > EMBRYO && p->pgid == current->pid)
            return -EPERM;
    current->pgid = current->sid = current->pid;
    return current->sid;
}

static int64_t
sys_arch_prctl(int code, uint64_t arg)
{
    proc_save_user(current);        // a program may have loaded FS by hand
    switch (code) {
    case ARCH_SET_FS:
    case ARCH_SET_GS:
        if (arg >= USER_TOP)
            return -EPERM;
        *(code == ARCH_SET_FS ? &current->fs_base : &current->gs_base) = arg;
        wrmsr(code == ARCH_SET_FS ? MSR_FS_BASE : MSR_GS_BASE, arg);
        return 0;
    case ARCH_GET_FS:
        return copy_out(arg, &current->fs_base, 8);
    case ARCH_GET_GS:
        return copy_out(arg, &current->gs_base, 8);
    }
    return -EINVAL;
}

// ---- time -----------------------------------------------------------------

static int64_t
sleep_for(uint64_t request, uint64_t remain, bool absolute, bool realtime)
{
    struct timespec t;
    if (copy_in(&t, request, sizeof(t)) < 0)
        return -EFAULT;
    if (t.sec < 0 || t.nsec < 0 || t.nsec >= 1000000000)
        return -EINVAL;
    uint64_t now = clock_us(), us;
    if (absolute && realtime)
        t.sec = t.sec > EPOCH ? t.sec - EPOCH : 0;
    us = min_u64((uint64_t)t.sec, 1UL << 30) * 1000000
         + (uint64_t)(t.nsec + 999) / 1000;
    if (absolute)
        us = us > now ? us - now : 0;
    uint64_t when = rdtsc() + us * clock_tsc_per_us;
    int error;
    while ((error = sleep_until(&current->wake_at, when)) == 0)
        ;
    if (error == -EAGAIN)
        return 0;
    uint64_t slept = clock_us() - now;
    uint64_t left = us > slept ? us - slept : 0;
    t = (struct timespec){ (int64_t)(left / 1000000),
                           (int64_t)(left % 1000000 * 1000) };
    if (remain != 0 && !absolute && copy_out(remain, &t, sizeof(t)) < 0)
        return -EFAULT;
    return -EINTR;
}

static int64_t
sys_clock_gettime(int clock, uint64_t to)
{
    uint64_t us = clock_us();
    if (clock < 0 || clock > 7)
        return -EINVAL;
    struct timespec t = { (int64_t)(us / 1000000),
                          (int64_t)(us % 1000000 * 1000) };
    if (clock == CLOCK_REALTIME || clock == 5)
        t.sec += EPOCH;
    return copy_out(to, &t, sizeof(t));
}

static int64_t
sys_gettimeofday(uint64_t to)
{
    uint64_t us = clock_us();
    int64_t t[2] = { (int64_t)(us / 1000000) + EPOCH,
                     (int64_t)(us % 1000000) };
    return to == 0 ? 0 : copy_out(to, t, sizeof(t));
}

static int64_t
sys_time(uint64_t to)
{
    int64_t t = (int64_t)(clock_us() / 1000000) + EPOCH;
    return to != 0 && copy_out(to, &t, sizeof(t)) < 0 ? -EFAULT : t;
}

// ---- the rest -------------------------------------------------------------

static int64_t
sys_uname(uint64_t to)
{
    static const struct utsname name = {
        .sysname = "Linux", .nodename = "twice",
        .release = "6.1.0-returns-twice", .version = "Returns Twice",
        .machine = "x86_64", .domainname = "(none)",
    };
    return copy_out(to, &name, sizeof(name));
}

static int64_t
sys_prlimit64(uint32_t resource, uint64_t old)
{
    struct rlimit limit = { UINT64_MAX, UINT64_MAX };
    if (resource >= RLIMITS)
        return -EINVAL;
    if (resource == RLIMIT_STACK)
        limit.cur = limit.max = STACK_MAX;
    if (resource == RLIMIT_NPROC)
        limit.cur = limit.max = NPROC - NPROC_RESERVED;
    if (resource == RLIMIT_NOFILE)
        limit.cur = limit.max = NFD;
    return old == 0 ? 0 : copy_out(old, &limit, sizeof(limit));
}

static int64_t
sys_getrandom(uint64_t to, size_t n, uint32_t flags)
{
    uint8_t bytes[64];
    if (flags & ~GRND_ALL)
        return -EINVAL;
    for (size_t done = 0, step; done < n; done += step) {
        step = min_u64(n - done, sizeof(bytes));
        random_bytes(bytes, step);
        if (copy_out(to + done, bytes, step) < 0)
            return done > 0 ? (int64_t)done : -EFAULT;
    }
    return (int64_t)n;
}

static int64_t
sys_umask(uint32_t mask)
{
    uint32_t was = current->umask;
    current->umask = mask & 0777;
    return was;
}

// Say once that a system call is missing.
static int64_t
missing(uint64_t number)
{
    static uint8_t named[NUMBERS];
    if (number < NUMBERS && !named[number]) {
        named[number] = 1;
        klog("process %d (%s): there is no system call %lu", current->pid,
             current->name, number);
    }
    return -ENOSYS;
}

// a to f are the arguments.  Casts to int and uint32_t are Linux's: the upper
// half of such a register does not count.
static int64_t
dispatch(struct trapframe *tf, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
         uint64_t e, uint64_t f)
{
    switch (tf->rax) {
    case SYS_read: return sys_read((int)a, b, c);
    case SYS_write: return sys_write((int)a, b, c);
    case SYS_open: return sys_openat(AT_FDCWD, a, (uint32_t)b, (uint32_t)c);
    case SYS_close: return sys_close((int)a);
    case SYS_stat: return sys_fstatat(AT_FDCWD, a, b, 0);
    case SYS_fstat: return sys_fstat((int)a, b);
    case SYS_lstat: return sys_fstatat(AT_FDCWD, a, b, AT_SYMLINK_NOFOLLOW);
    case SYS_poll: return sys_poll(a, (uint32_t)b, (int)c);
    case SYS_lseek: return sys_lseek((int)a, (int64_t)b, (int)c);
    case SYS_mmap:
        return sys_mmap(a, b, (int)c, (uint32_t)d, (int)e, f);
    case SYS_mprotect: return sys_mprotect(a, b, (uint32_t)c);
    case SYS_munmap: return sys_munmap(a, b);
    case SYS_brk: return sys_brk(a);
    case SYS_rt_sigaction: return sys_rt_sigaction((int)a, b, c, d);
    case SYS_rt_sigprocmask: return sys_rt_sigprocmask((int)a, b, c, d);
    case SYS_rt_sigreturn: return sys_rt_sigreturn(tf);
    case SYS_ioctl: return sys_ioctl((int)a, (uint32_t)b, c);
    case SYS_readv: return sys_vector((int)a, b, (int64_t)c, false);
    case SYS_writev: return sys_vector((int)a, b, (int64_t)c, true);
    case SYS_access: return sys_access(AT_FDCWD, a, (uint32_t)b);
    case SYS_pipe: return sys_pipe2(a, 0);
    case SYS_sched_yield: return yield(), 0;
    case SYS_dup: return sys_dup((int)a);
    case SYS_dup2: return sys_dup3((int)a, (int)b, 0, true);
    case SYS_pause: return sys_pause();
    case SYS_nanosleep: return sleep_for(a, b, false, false);
    case SYS_getpid: return current->pid;
    case SYS_clone: return sys_clone(a, b, c, d, e);
    case SYS_fork: return sys_fork();
    case SYS_vfork: return sys_vfork();
    case SYS_execve: return sys_execve(tf, a, b, c);
    case SYS_exit: do_exit((int)(a & 0xff) << 8);
    case SYS_wait4: return sys_wait4((int)a, b, (int)c, d);
    case SYS_kill: return sys_kill((int)a, (int)b);
    case SYS_uname: return sys_uname(a);
    case SYS_fcntl: return sys_fcntl((int)a, (int)b, c);
    case SYS_getdents64: return sys_getdents64((int)a, b, (uint32_t)c);
    case SYS_getcwd: return sys_getcwd(a, b);
    case SYS_chdir: return sys_chdir(a);
    case SYS_mkdir: return sys_mkdir(a, (uint32_t)b);
    case SYS_rmdir: return sys_unlink(a, true);
    case SYS_unlink: return sys_unlink(a, false);
    case SYS_readlink: return sys_readlink(AT_FDCWD, a, b, (int)c);
    case SYS_umask: return sys_umask((uint32_t)a);
    case SYS_gettimeofday: return sys_gettimeofday(a);
    case SYS_getuid:
    case SYS_getgid:
    case SYS_geteuid:
    case SYS_getegid: return 0;
    case SYS_setpgid: return sys_setpgid((int)a, (int)b);
    case SYS_getppid: return sys_getppid();
    case SYS_getpgrp: return current->pgid;
    case SYS_setsid: return sys_setsid();
    case SYS_getpgid: return sys_getpgid((int)a);
    case SYS_getsid: return sys_getsid((int)a);
    case SYS_rt_sigpending: return sys_rt_sigpending(a, b);
    case SYS_rt_sigsuspend: return sys_rt_sigsuspend(a, b);
    case SYS_prctl: return -EINVAL;
    case SYS_arch_prctl: return sys_arch_prctl((int)a, b);
    case SYS_gettid: return current->pid;
    case SYS_tkill: return sys_tgkill((int)a, (int)a, (int)b);
    case SYS_time: return sys_time(a);
    case SYS_set_tid_address: return current->pid;
    case SYS_clock_gettime: return sys_clock_gettime((int)a, b);
    case SYS_clock_nanosleep:
        if (a > CLOCK_MONOTONIC)
            return -EINVAL;
        return sleep_for(c, d, b & TIMER_ABSTIME, a == CLOCK_REALTIME);
    case SYS_exit_group: do_exit((int)(a & 0xff) << 8);
    case SYS_tgkill: return sys_tgkill((int)a, (int)b, (int)c);
    case SYS_openat: return sys_openat((int)a, b, (uint32_t)c, (uint32_t)d);
    case SYS_newfstatat: return sys_fstatat((int)a, b, c, (uint32_t)d);
    case SYS_readlinkat: return sys_readlink((int)a, b, c, (int)d);
    case SYS_set_robust_list: return b == ROBUST_LIST_SIZE ? 0 : -EINVAL;
    case SYS_dup3: return sys_dup3((int)a, (int)b, (uint32_t)c, false);
    case SYS_pipe2: return sys_pipe2(a, (uint32_t)b);
    case SYS_prlimit64: return sys_prlimit64((uint32_t)b, d);
    case SYS_getrandom: return sys_getrandom(a, b, (uint32_t)c);
    case SYS_rseq: return -ENOSYS;
    case SYS_faccessat2: return sys_access((int)a, b, (uint32_t)c);
    case SYS_probe: return sys_probe((int)a, b, c);
    }
    return missing(tf->rax);
}

void
syscall(struct trapframe *tf)
{
    bool probing = tf->rax == SYS_probe;
    int64_t result = dispatch(tf, tf->rdi, tf->rsi, tf->rdx, tf->r10, tf->r8,
                              tf->r9);
    tf->rax = (uint64_t)result;
    // A failure that was asked for is for one system call.
    if (!probing)
        alloc_fail(0);
}
