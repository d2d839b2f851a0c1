// SPDX-License-Identifier: MIT
// test-errno.c -- wrong arguments, one a line, with what came of them.  The
// same program runs on Linux; the suite compares the two outputs.
#include "rt.h"

#define PAGE 4096
#define RW (PROT_READ | PROT_WRITE)
#define BAD 0x10                        // never mapped
#define KERNEL ((long)0xffffffff80101000)
#define ODD ((long)0x800000000000)      // the first address that is no user's

static void
say(const char *what, long result)
{
    if (result < 0 && result > -4096)
        print("%s: error %ld\n", what, -result);
    else
        print("%s: fine\n", what);
}

// Print the call as it is written, and its result.
#define TRY(n, a, b, c) \
    say(#n " " #a " " #b " " #c, call6(SYS_##n, (long)(a), (long)(b), \
                                       (long)(c), 0, 0, 0))
#define TRY6(n, a, b, c, d, e, f) \
    say(#n " " #a " " #b " " #c " " #d " " #e " " #f, \
        call6(SYS_##n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), \
              (long)(f)))

static char buf[2 * PAGE];
static char *edge;              // the last page before a hole
static char *read_only;
static char *no_access;
static int fd[2];
static long file, null, dir;

static void
files(void)
{
    TRY(read, -1, buf, 1);
    TRY(read, 63, buf, 1);
    TRY(read, 0x100000000 + file, buf, 0);
    TRY(read, file, BAD, 1);
    TRY(read, file, BAD, 0);
    TRY(read, file, KERNEL, 1);
    TRY(read, file, KERNEL, 0);
    TRY(read, file, ODD, 1);
    TRY(read, file, buf, -1);
    TRY(read, file, read_only, 1);
    TRY(read, file, no_access, 1);
    TRY(read, dir, buf, 1);
    TRY(read, fd[1], buf, 1);
    TRY(write, -1, buf, 1);
    TRY(write, fd[0], buf, 1);
    TRY(write, fd[1], BAD, 1);
    TRY(write, fd[1], BAD, 0);
    TRY(write, fd[1], KERNEL, 1);
    TRY(write, fd[1], no_access, 1);
    TRY(write, fd[1], buf, -1);
    TRY(write, null, BAD, 1);
    TRY(write, null, KERNEL, 1);
    TRY(write, dir, buf, 1);
    TRY(close, -1, 0, 0);
    TRY(close, 62, 0, 0);
    TRY(dup, -1, 0, 0);
    TRY(dup, 62, 0, 0);
    TRY(dup2, -1, 5, 0);
    TRY(dup2, 0, -1, 0);
    TRY(dup2, 62, 62, 0);
    TRY(dup3, 0, 0, 0);
    TRY(dup3, 0, 60, 1);
    TRY(dup3, 62, 60, 0);
    TRY(lseek, fd[0], 0, SEEK_SET);
    TRY(lseek, -1, 0, SEEK_SET);
    TRY(lseek, file, -1, SEEK_SET);
    TRY(lseek, file, 0, 99);
    TRY(lseek, file, -100, SEEK_END);
    TRY(pipe, BAD, 0, 0);
    TRY(pipe, KERNEL, 0, 0);
    TRY(pipe, edge + PAGE - 4, 0, 0);
    TRY(pipe2, fd, 1, 0);
    TRY(fcntl, -1, F_GETFD, 0);
    TRY(fcntl, 0, F_DUPFD, -1);
    TRY(fcntl, 0, 9999, 0);
    TRY(ioctl, -1, TCGETS, buf);
    TRY(ioctl, fd[0], TCGETS, buf);
    TRY(ioctl, file, TIOCGWINSZ, buf);
    TRY(fstat, -1, buf, 0);
    TRY(fstat, 0, BAD, 0);
    TRY(fstat, 0, edge + PAGE - 8, 0);
    TRY(getdents64, file, buf, 100);
    TRY(getdents64, dir, buf, 1);
    TRY(getdents64, dir, BAD, 1000);
    TRY(getdents64, -1, buf, 1000);
}

static void
vectors(void)
{
    struct iovec v[2] = { { (uint64_t)buf, 1 }, { BAD, 1 } };
    struct iovec huge[2] = { { (uint64_t)buf, 1 }, { (uint64_t)buf, -1UL } };
    TRY(writev, fd[1], v, 1);
    TRY(writev, fd[1], v, 0);
    TRY(writev, fd[1], v, -1);
    TRY(writev, fd[1], v, 1025);
    TRY(writev, fd[1], BAD, 1);
    TRY(writev, fd[1], v + 1, 1);
    TRY(writev, fd[1], huge, 2);
    TRY(writev, -1, v, 1);
    TRY(readv, fd[1], v, 1);
    TRY(readv, -1, v, 1);
    TRY(readv, file, v + 1, 1);
}

static void
names(void)
{
    static char long_name[5000];
    memset(long_name, 'x', sizeof(long_name) - 1);
    static char long_part[300] = "/tmp/";
    memset(long_part + 5, 'y', 280);
    TRY(open, "/none", O_RDONLY, 0);
    TRY(open, "", O_RDONLY, 0);
    TRY(open, BAD, O_RDONLY, 0);
    TRY(open, KERNEL, O_RDONLY, 0);
    TRY(open, edge + PAGE - 3, O_RDONLY, 0);
    TRY(open, long_name, O_RDONLY, 0);
    TRY(open, long_part, O_RDONLY, 0);
    TRY(open, "/tmp", O_WRONLY, 0);
    TRY(open, "/tmp", O_RDWR | O_CREAT, 0600);
    TRY(open, "/tmp/twice-errno", O_RDWR | O_CREAT | O_EXCL, 0600);
    TRY(open, "/tmp/twice-errno/", O_RDONLY, 0);
    TRY(open, "/tmp/twice-errno/x", O_RDONLY, 0);
    TRY(open, "/tmp/twice-none/x", O_RDWR | O_CREAT, 0600);
    TRY(open, "/tmp/twice-errno", O_RDONLY | O_DIRECTORY, 0);
    TRY6(openat, -1, "x", O_RDONLY, 0, 0, 0);
    TRY6(openat, file, "x", O_RDONLY, 0, 0, 0);
    TRY6(openat, dir, "twice-none", O_RDONLY, 0, 0, 0);
    TRY6(openat, dir, "twice-errno", O_RDONLY, 0, 0, 0);
    TRY(stat, "/none", buf, 0);
    TRY(stat, "/tmp", BAD, 0);
    TRY(stat, BAD, buf, 0);
    TRY6(newfstatat, AT_FDCWD, "/tmp", buf, 0x10000000, 0, 0);
    TRY6(newfstatat, -1, "x", buf, 0, 0, 0);
    TRY6(newfstatat, 0, "", buf, AT_EMPTY_PATH, 0, 0);
    TRY6(newfstatat, 0, "", buf, 0, 0, 0);
    TRY(access, "/none", 0, 0);
    TRY(access, "/tmp", 8, 0);
    TRY(access, BAD, 0, 0);
    TRY(chdir, "/tmp/twice-errno", 0, 0);
    TRY(chdir, "/none", 0, 0);
    TRY(chdir, BAD, 0, 0);
    TRY(getcwd, buf, 1, 0);
    TRY(getcwd, BAD, 100, 0);
    TRY(getcwd, buf, 0, 0);
    TRY(mkdir, "/tmp", 0700, 0);
    TRY(mkdir, "/none/x", 0700, 0);
    TRY(mkdir, "/tmp/twice-errno/x", 0700, 0);
    TRY(mkdir, BAD, 0700, 0);
    TRY(rmdir, "/none", 0, 0);
    TRY(rmdir, "/tmp/twice-errno", 0, 0);
    TRY(mkdir, "/tmp/twice-dir", 0700, 0);
    TRY(mkdir, "/tmp/twice-dir/x", 0700, 0);
    TRY(rmdir, "/tmp/twice-dir", 0, 0);
    TRY(unlink, "/tmp/twice-dir", 0, 0);
    TRY(rmdir, "/tmp/twice-dir/x", 0, 0);
    TRY(rmdir, "/tmp/twice-dir", 0, 0);
    TRY(unlink, "/tmp/twice-none", 0, 0);
    TRY(unlink, BAD, 0, 0);
    TRY(readlink, "/tmp", buf, 100);
    TRY(readlink, "/none", buf, 100);
    TRY(readlink, "/tmp", buf, 0);
    TRY(readlink, "/tmp", buf, -1);
}

static void
memory(void)
{
    TRY6(mmap, 0, 0, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    TRY6(mmap, 0, PAGE, RW, MAP_ANONYMOUS, -1, 0);
    TRY6(mmap, 0, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 1);
    TRY6(mmap, 0, PAGE, RW, MAP_PRIVATE, -1, 0);
    TRY6(mmap, 0, -1, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    TRY6(mmap, 0, -PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    TRY6(mmap, 0, ODD, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    TRY6(mmap, 1, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    TRY6(mmap, ODD, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    TRY6(mmap, KERNEL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
         0);
    TRY6(mmap, edge, PAGE, RW,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    TRY(munmap, 1, PAGE, 0);
    TRY(munmap, edge, 0, 0);
    TRY(munmap, edge, -1, 0);
    TRY(munmap, ODD, PAGE, 0);
    TRY(munmap, KERNEL, PAGE, 0);
    TRY(munmap, 0x100000000000, PAGE, 0);
    TRY(mprotect, 1, PAGE, RW);
    TRY(mprotect, edge, 0, RW);
    TRY(mprotect, edge, PAGE, 0x4000);
    TRY(mprotect, edge, 2 * PAGE, RW);
    TRY(mprotect, ODD, PAGE, RW);
    TRY(mprotect, edge, -PAGE, RW);
}

static void
processes(void)
{
    struct timespec bad = { 0, 1000000000 }, minus = { -1, 0 };
    char *argv[] = { "x", NULL };
    TRY6(wait4, -1, 0, 0, 0, 0, 0);
    TRY6(wait4, 1, 0, 0, 0, 0, 0);
    TRY6(wait4, -1, 0, 0x100, 0, 0, 0);
    TRY6(wait4, 0, 0, 0, 0, 0, 0);
    TRY6(wait4, (int)0x80000000, 0, 0, 0, 0, 0);
    long pid = sys_fork();
    if (pid == 0)
        sys_exit(0);
    TRY6(wait4, pid, BAD, 0, 0, 0, 0);
    TRY6(wait4, pid, 0, 0, 0, 0, 0);
    pid = sys_fork();
    if (pid == 0)
        sys_exit(0);
    TRY6(wait4, pid, 0, 0, KERNEL, 0, 0);
    TRY(kill, 999999, 0, 0);
    TRY(kill, sys_getpid(), 65, 0);
    TRY(kill, sys_getpid(), -1, 0);
    TRY(kill, sys_getpid(), 0, 0);
    TRY(tgkill, 0, 0, 0);
    TRY(tgkill, sys_getpid(), -1, 0);
    TRY(execve, "/none", argv, argv + 1);
    TRY(execve, BAD, argv, argv + 1);
    TRY(execve, "/tmp", argv, argv + 1);
    TRY(execve, "/dev/null", argv, argv + 1);
    TRY(execve, "/tmp/twice-errno", argv, argv + 1);
    call6(SYS_close, sys_open("/tmp/twice-exec", O_CREAT | O_WRONLY, 0755), 0,
          0, 0, 0, 0);
    TRY(execve, "/tmp/twice-exec", argv, argv + 1);
    TRY(execve, "/tmp/twice-exec", BAD, argv + 1);
    TRY(execve, "/tmp/twice-exec", argv, KERNEL);
    TRY(unlink, "/tmp/twice-exec", 0, 0);
    TRY(nanosleep, BAD, 0, 0);
    TRY(nanosleep, &bad, 0, 0);
    TRY(nanosleep, &minus, 0, 0);
    TRY(clock_gettime, 99, buf, 0);
    TRY(clock_gettime, 0, BAD, 0);
    TRY(gettimeofday, BAD, 0, 0);
    TRY(time, BAD, 0, 0);
    TRY(uname, BAD, 0, 0);
    TRY(setpgid, -1, 0, 0);
    TRY(setpgid, 0, -1, 0);
    TRY(setpgid, 999999, 0, 0);
    TRY(getpgid, 999999, 0, 0);
    TRY(getsid, 999999, 0, 0);
    TRY(arch_prctl, 0x9999, 0, 0);
    TRY(arch_prctl, ARCH_SET_FS, ODD, 0);
    TRY(arch_prctl, ARCH_SET_FS, -1, 0);
    TRY(arch_prctl, ARCH_GET_FS, BAD, 0);
    TRY(getrandom, buf, 8, 0x100);
    TRY(getrandom, BAD, 8, 0);
    TRY6(prlimit64, 0, 99, 0, buf, 0, 0);
    TRY6(prlimit64, 0, 7, 0, BAD, 0, 0);
    TRY(set_robust_list, buf, 1, 0);
    TRY6(clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0, 0);
    TRY6(clone, CLONE_THREAD | SIGCHLD, 0, 0, 0, 0, 0);
}

static void
signals(void)
{
    uint64_t set = 0;
    TRY6(rt_sigaction, 0, 0, 0, 8, 0, 0);
    TRY6(rt_sigaction, 65, 0, 0, 8, 0, 0);
    TRY6(rt_sigaction, SIGKILL, buf, 0, 8, 0, 0);
    TRY6(rt_sigaction, SIGUSR1, 0, 0, 4, 0, 0);
    TRY6(rt_sigaction, SIGUSR1, BAD, 0, 8, 0, 0);
    TRY6(rt_sigaction, SIGUSR1, 0, BAD, 8, 0, 0);
    TRY6(rt_sigprocmask, 9, &set, 0, 8, 0, 0);
    TRY6(rt_sigprocmask, SIG_BLOCK, BAD, 0, 8, 0, 0);
    TRY6(rt_sigprocmask, SIG_BLOCK, 0, BAD, 8, 0, 0);
    TRY6(rt_sigprocmask, SIG_BLOCK, &set, 0, 4, 0, 0);
    TRY6(rt_sigsuspend, BAD, 8, 0, 0, 0, 0);
    TRY6(rt_sigsuspend, &set, 4, 0, 0, 0, 0);
    TRY6(rt_sigpending, BAD, 8, 0, 0, 0, 0);
    TRY6(rt_sigpending, &set, 9, 0, 0, 0, 0);
}

int
main(int argc, char **argv)
{
    (void)argc, (void)argv;
    edge = sys_mmap((void *)0x200000000000, PAGE, RW, MAP_PRIVATE | MAP_FIXED);
    memset(edge, 'z', PAGE);
    read_only = sys_mmap(0, PAGE, PROT_READ, MAP_PRIVATE);
    no_access = sys_mmap(0, PAGE, 0, MAP_PRIVATE);
    sys_pipe(fd);
    file = sys_open("/tmp/twice-errno", O_RDWR | O_CREAT | O_TRUNC, 0600);
    sys_write((int)file, "0123456789", 10);
    sys_lseek((int)file, 0, SEEK_SET);
    null = sys_open("/dev/null", O_RDWR, 0);
    dir = sys_open("/tmp", O_RDONLY | O_DIRECTORY, 0);
    files();
    vectors();
    names();
    memory();
    processes();
    signals();
    call6(SYS_unlink, (long)"/tmp/twice-errno", 0, 0, 0, 0, 0);
    return 0;
}
