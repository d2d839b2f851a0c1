// SPDX-License-Identifier: MIT
// fuzz.c -- fuzz SEED CALLS [fail]: random system calls with random arguments
// from random memory, in children that may die of it; with `fail`, allocations
// fail now and then.  Afterwards no frame, slot or file may be missing.  What
// it does depends on the seed alone.
#include "rt.h"

#define PAGE 4096
#define AREA_PAGES 8
#define CALLS_EACH 200

static char *area;
static bool failing;

static const short numbers[] = {
    SYS_read, SYS_write, SYS_open, SYS_close, SYS_stat, SYS_fstat, SYS_lstat,
    SYS_lseek, SYS_mmap, SYS_mprotect, SYS_munmap, SYS_brk, SYS_rt_sigaction,
    SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_ioctl, SYS_readv, SYS_writev,
    SYS_access, SYS_pipe, SYS_sched_yield, SYS_dup, SYS_dup2, SYS_getpid,
    SYS_clone, SYS_fork, SYS_vfork, SYS_execve, SYS_exit, SYS_wait4, SYS_kill,
    SYS_uname, SYS_fcntl, SYS_getcwd, SYS_chdir, SYS_mkdir, SYS_rmdir,
    SYS_unlink, SYS_readlink, SYS_umask, SYS_gettimeofday, SYS_setpgid,
    SYS_getppid, SYS_setsid, SYS_getpgid, SYS_getsid, SYS_rt_sigpending,
    SYS_prctl, SYS_arch_prctl, SYS_gettid, SYS_time, SYS_getdents64,
    SYS_set_tid_address, SYS_clock_gettime, SYS_exit_group, SYS_tgkill,
    SYS_openat, SYS_newfstatat, SYS_readlinkat, SYS_set_robust_list, SYS_dup3,
    SYS_pipe2, SYS_prlimit64, SYS_getrandom, SYS_rseq, SYS_faccessat2,
    SYS_poll, 1000, 4000,
};

static long
argument(struct rng *r)
{
    uint64_t v = rng_next(r);
    switch (v % 16) {
    case 0: return 0;
    case 1: return -1;
    case 2: return (long)(v >> 8 & 7);              // a descriptor
    case 3: return (long)(v >> 8 & 63);
    case 4: return (long)(v >> 8 & 0xffff);
    case 5: return (long)rng_next(r);
    case 6: return (long)(1UL << (v >> 8 & 63));
    case 7: return (long)(area + (v >> 8) % PAGE);
    case 8: return (long)(area + AREA_PAGES * PAGE - (v >> 8) % 16);
    case 9: return (long)(area + ((v >> 8) % AREA_PAGES) * PAGE);
    case 10: return (long)(0x00007ffffffff000 - (v >> 8) % 64);
    case 11: return (long)(0xffffffff80000000 + (v >> 8) % 0x200000);
    case 12: return (long)(0xffff888000000000 + (v >> 8) % 0x8000000);
    case 13: return (long)((v >> 8) % 64 * PAGE);
    case 14: return -(long)((v >> 8) % 200);
    default: return (long)(area + (v >> 8) % (AREA_PAGES * PAGE));
    }
}

static void
scribble(struct rng *r)
{
    static const char *const paths[] = { "/", "/bin/true", "/tmp/a", "/tmp/b/c",
        "..", "/dev/null", "/dev/zero", "/proc/self/exe", "/tmp/a/" };
    uint64_t v = rng_next(r);
    char *at = area + (v >> 8) % (AREA_PAGES * PAGE - 64);
    if (v % 3 == 0) {
        const char *p = paths[(v >> 40) % NELEM(paths)];
        memcpy(at, p, strlen(p) + 1);
    } else {
        for (int i = 0; i < 8; i++) {
            uint64_t w = v % 3 == 1 ? rng_next(r) : (uint64_t)argument(r);
            memcpy(at + i * 8, &w, 8);
        }
    }
}

// What would stop the fuzzer rather than the kernel is left out.
static bool
allowed(long number, long a, long b)
{
    if (number == SYS_kill)
        return a > 1 && (int)a == a && b != SIGSTOP && b != SIGTSTP
               && b != SIGTTIN && b != SIGTTOU && a != sys_getppid();
    if (number == SYS_tgkill)
        return false;
    if (number == SYS_rt_sigreturn)
        return true;
    if (number == SYS_write || number == SYS_writev)
        return (int)a > 2;
    if ((number == SYS_read || number == SYS_readv) && (int)a >= 0)
        return (int)a > 2;
    if (number == SYS_setsid || number == SYS_setpgid)
        return false;
    return true;
}

static _Noreturn void
child(uint64_t seed)
{
    struct rng r = { seed };
    int made = 0;
    // A sleep for ever is not what we look for.
    set_handler(SIGALRM, (void (*)(int))SIG_DFL, 0);
    for (int i = 0; i < CALLS_EACH; i++) {
        long n = numbers[rng_next(&r) % NELEM(numbers)];
        long a[6];
        if (rng_next(&r) % 4 == 0)
            scribble(&r);
        for (int k = 0; k < 6; k++)
            a[k] = argument(&r);
        if (n == SYS_wait4)
            a[2] |= WNOHANG;
        if (n == SYS_poll)
            a[2] = 0;
        if (n == SYS_clone || n == SYS_fork || n == SYS_vfork) {
            // A child with a stack of its own would run anywhere: fork only.
            if (n == SYS_clone)
                a[0] &= ~(long)(CLONE_VM | CLONE_VFORK), a[1] = 0;
            if (sys_getppid() == 1)
                sys_exit(0);
        }
        // These end the child: now and then will do.
        bool last = n == SYS_exit || n == SYS_exit_group
                    || n == SYS_rt_sigreturn || n == SYS_execve;
        if (!allowed(n, a[0], a[1]) || (last && rng_next(&r) % 32 != 0))
            continue;
        made++;
        long me = sys_getpid();
        uint64_t dice = rng_next(&r);
        if (failing && dice % 8 == 0)
            probe(PROBE_FAIL, (long)(dice >> 8 & 15) + 1);
        call6(n, a[0], a[1], a[2], a[3], a[4], a[5]);
        if (sys_getpid() != me)
            sys_exit(0);            // a child of the child: enough of it
    }
    // The parent counts by exit codes: what is in memory, we overwrite.
    sys_exit(made);
}

static void
clean_tmp(void)
{
    static const char *const left[] = { "/tmp/a", "/tmp/b", "/tmp/a/" };
    for (size_t i = 0; i < NELEM(left); i++) {
        call6(SYS_unlink, (long)left[i], 0, 0, 0, 0, 0);
        call6(SYS_rmdir, (long)left[i], 0, 0, 0, 0, 0);
    }
}

int
main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? (uint64_t)atol(argv[1]) : 1;
    long calls = argc > 2 ? atol(argv[2]) : 20000, hung = 0, made = 0;
    failing = argc > 3;
    area = sys_mmap(0, AREA_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    long frames = 0, procs = 0, files = 0;
    for (long i = -1; i < 0 || made < calls; i++) {
        int status = 0, ms = 0;
        long pid = sys_fork();
        if (pid == 0)
            child(seed * 1000003 + (uint64_t)i);
        // A child may block (an empty pipe, pause): it is given a second.
        while (sys_wait4((int)pid, &status, WNOHANG) == 0 && ms++ < 1000)
            sleep_ms(1);
        if (ms >= 1000) {
            sys_kill((int)pid, SIGKILL);
            wait_for(pid);
            hung++;
        } else if ((status & 0x7f) == 0) {
            made += status >> 8;
        }
        if (i == -1) {
            sleep_ms(50);
            clean_tmp();
            area[0] = 0;
            frames = probe(PROBE_FREE, 0);
            procs = probe(PROBE_PROCS, 0);
            files = probe(PROBE_FILES, 0);
        }
    }
    for (int i = 0; i < 2000 && probe(PROBE_PROCS, 0) > procs; i++)
        sleep_ms(1);
    clean_tmp();
    for (int i = 0; i < AREA_PAGES; i++)
        area[i * PAGE] = 0;
    check(true, "the kernel is still there");
    check_eq(probe(PROBE_PROCS, 0), procs, "no process is left over");
    check_eq(probe(PROBE_FILES, 0), files, "no file");
    long lost = frames - probe(PROBE_FREE, 0);
    check(lost >= -AREA_PAGES && lost <= AREA_PAGES, "and no frame lost");
    print("# seed %lu: %ld calls, %ld children had to be ended, frames %ld\n",
          seed, made, hung, lost);
    return plan();
}
