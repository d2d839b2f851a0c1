// SPDX-License-Identifier: MIT
// cell-run.c -- the first process of a cell: limits, starts, waits, reports.
// Built static, started by bubblewrap as pid 1 of the cell (see cell.c), where
// nothing that the submission does can signal it, trace it or see its memory.
//
//   cell-run outer UID -- PROGRAM ARG...
//       become the user UID and execute PROGRAM (root only: the limit on
//       processes does not bind root, see setrlimit(2))
//   cell-run inner STATUS-FD CPU-S AS FSIZE NOFILE NPROC [emit FD NAME]... --
//       PROGRAM ARG...
//       run PROGRAM under these limits and report on STATUS-FD; where it
//       exits with 0, copy the files NAME to their descriptors
//
// What it reports, and how, is in cell-run.h.
#include "cell-run.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int status_fd;

static void
report(enum cell_event event, int value, int more)
{
    struct cell_report r = {.event = event, .value = value, .more = more};
    getrusage(RUSAGE_CHILDREN, &r.usage);
    while (write(status_fd, &r, sizeof r) < 0 && errno == EINTR)
        ;
}

static _Noreturn void
give_up(int step)
{
    report(CELL_BROKEN, errno, step);
    _exit(1);
}

static void
limit(int resource, const char *text)
{
    rlim_t value = strtoull(text, NULL, 10);
    struct rlimit r = {value, value};
    if (strcmp(text, "-") != 0 && setrlimit(resource, &r) < 0)
        give_up(CELL_STEP_LIMIT);
}

static int
run_outer(char **argv)
{
    uid_t uid = (uid_t)strtoul(argv[0], NULL, 10);
    if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 ||
        setresuid(uid, uid, uid) < 0) {
        perror("cell-run: cannot change the user");
        return 125;
    }
    execv(argv[2], argv + 2);
    perror("cell-run: cannot execute");
    return 125;
}

// Copy the file `name`, at most CELL_EMIT_MAX bytes, to fd.
static void
emit(int fd, const char *name)
{
    struct stat st;
    int in = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (in < 0 || fstat(in, &st) < 0 || !S_ISREG(st.st_mode) ||
        st.st_size > CELL_EMIT_MAX) {
        if (in >= 0)
            close(in);
        report(CELL_NOT_EMITTED, fd, 0);
        return;
    }
    static char buf[1 << 16];
    ssize_t n;
    while ((n = read(in, buf, sizeof buf)) > 0)
        for (ssize_t at = 0, w; at < n; at += w)
            if ((w = write(fd, buf + at, (size_t)(n - at))) < 0)
                give_up(CELL_STEP_EMIT);
    close(in);
}

static _Noreturn void
child(char **limits, char **program, int failed)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    limit(RLIMIT_CORE, "0");
    limit(RLIMIT_CPU, limits[0]);
    limit(RLIMIT_AS, limits[1]);
    limit(RLIMIT_FSIZE, limits[2]);
    limit(RLIMIT_NOFILE, limits[3]);
    limit(RLIMIT_NPROC, limits[4]);
    setsid();
    execv(program[0], program);
    int error = errno;
    if (write(failed, &error, sizeof error) < 0)
        _exit(126);
    _exit(127);
}

static int
run_inner(char **argv)
{
    status_fd = atoi(argv[0]);
    char **limits = argv + 1;
    char **emits = argv + 6, **program = emits;
    while (strcmp(*program, "--") != 0)
        program++;
    fcntl(status_fd, F_SETFD, FD_CLOEXEC);
    for (char **e = emits; e < program; e += 3)
        fcntl(atoi(e[1]), F_SETFD, FD_CLOEXEC);
    program++;

    // Not dumpable: no process of the cell may trace this one or open its
    // descriptors through /proc (ptrace(2), "Ptrace access mode checking").
    if (prctl(PR_SET_DUMPABLE, 0) < 0)
        give_up(CELL_STEP_PREPARE);
    int failed[2];
    if (pipe2(failed, O_CLOEXEC) < 0)
        give_up(CELL_STEP_PREPARE);
    pid_t pid = fork();
    if (pid < 0)
        give_up(CELL_STEP_PREPARE);
    if (pid == 0)
        child(limits, program, failed[1]);
    close(failed[1]);
    int error;
    if (read(failed[0], &error, sizeof error) == sizeof error) {
        errno = error;
        give_up(CELL_STEP_EXEC);
    }
    report(CELL_STARTED, pid, 0);

    int status;
    pid_t got;
    while ((got = wait(&status)) != pid)  // orphans come to pid 1: reap them
        if (got < 0 && errno != EINTR)
            give_up(CELL_STEP_WAIT);
    if (status == 0)
        for (char **e = emits; strcmp(*e, "--") != 0; e += 3)
            emit(atoi(e[1]), e[2]);
    report(CELL_ENDED, status, 0);
    return 0;  // as pid 1: the kernel now kills whatever is left in the cell
}

int
main(int argc, char **argv)
{
    if (argc >= 5 && strcmp(argv[1], "outer") == 0)
        return run_outer(argv + 2);
    if (argc >= 10 && strcmp(argv[1], "inner") == 0)
        return run_inner(argv + 2);
    fprintf(stderr, "cell-run: not for use by hand, see cell-run.c\n");
    return 64;
}
