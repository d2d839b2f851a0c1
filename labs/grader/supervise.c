// SPDX-License-Identifier: MIT
// supervise.c -- run a program, bound it, and outlive everything it starts.
// The grader runs every submission through this file; it is also the reference
// of lab 1.  The contract stands in supervise.h.  Book: chapter 1.
//
//     caller ---- supervisor ---- program ---- descendants ...
//            socket           \__ daemons, orphans (adopted)
//
// The caller forks a supervisor, and the supervisor the program.  A process of
// its own, because almost everything that makes supervising hard belongs to a
// process as a whole: what it does about SIGCHLD, which signals it handles,
// which children it has, whether orphans come to it.  The supervisor can
// arrange all that to suit itself; the caller's arrangements stay untouched.
//
// Between fork and exec, and in the whole supervisor, only async-signal-safe
// calls are made: the caller may have threads.
#include "supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

#define NS_PER_MS INT64_C(1000000)
#define NEVER INT64_MAX

// This long past its deadline, a supervisor that has not reported is overdue.
#ifndef GRACE_MS
#define GRACE_MS 10000
#endif

enum {
    TREE_MAX = 1 << 16,  // processes that one look can find
    FREEZE_MS = 500,     // at most this long for stopping before killing
    ROUND_MS = 10,       // between two rounds of killing
};

// What the supervisor tells the caller when all is over.
struct report {
    int error;  // 0 or -errno
    struct sv_result result;
};

// The supervisor's state.
struct run {
    const struct sv_spec *spec;
    int control;   // socket to the caller: reports; at its end: an order to end
    bool told;     // the caller wants the end, or is gone itself
    int children;  // signalfd: readable when a child changed its state
    int failure;   // pipe: the errno of a step that failed before exec
    pid_t program;
    bool ended;    // the program has been reaped, `status` is its status
    int status;
    int64_t start, deadline, linger;  // on CLOCK_MONOTONIC; linger: once ended
    struct sv_result *result;
};

// ---------------------------------------------------------------- small tools

static int64_t
now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * (1000 * NS_PER_MS) + t.tv_nsec;
}

static int64_t
later(int64_t start, int64_t ms)
{
    return ms > (NEVER - start) / NS_PER_MS ? NEVER : start + ms * NS_PER_MS;
}

static int64_t
earlier_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

// poll() until `when`.  The time that is left is computed afresh on each call,
// so a caller may loop on EINTR without moving its deadline.
static int
poll_until(struct pollfd *fds, nfds_t nfds, int64_t when)
{
    int64_t left = when - now();
    struct timespec t = {0};
    if (left > 0) {
        t.tv_sec = left / (1000 * NS_PER_MS);
        t.tv_nsec = left % (1000 * NS_PER_MS);
    }
    return ppoll(fds, nfds, when == NEVER ? NULL : &t, NULL);
}

// "PID/NAME", without stdio.
static const char *
proc_path(char path[64], pid_t pid, const char *name)
{
    char digits[16], *to = path;
    int n = 0;
    do
        digits[n++] = (char)('0' + pid % 10);
    while ((pid /= 10) > 0);
    while (n > 0)
        *to++ = digits[--n];
    *to++ = '/';
    strcpy(to, name);
    return path;
}

// ------------------------------------------------- the processes below oneself

// What one look found, parents before their children.
struct tree {
    struct member {
        pid_t pid, parent;
    } member[TREE_MAX];
    size_t n;         // found, dead or alive
    size_t alive;
    size_t unsettled; // were running, or moved while we looked
};
static struct tree tree;

// The children that the caller had before: never ours to touch.
static struct tree spared;

static int proc = -1;              // an open descriptor of /proc
static bool lacks_children_files;  // a kernel without CONFIG_PROC_CHILDREN

struct look {
    char state;
    pid_t parent;
    int threads;
};

// Read the fields of /proc/PID/stat that matter here.  The name in the second
// field is the program's choice and may hold anything, ") R 1" included: the
// last parenthesis ends it.
static bool
look_at(pid_t pid, struct look *look)
{
    char path[64], line[1024];
    int fd = openat(proc, proc_path(path, pid, "stat"), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, line, sizeof(line) - 1);
    close(fd);
    if (n <= 0)
        return false;
    line[n] = '\0';
    const char *c = strrchr(line, ')');
    if (!c || c[1] != ' ')
        return false;
    look->state = c[2];
    int field = 3, number = 0;
    for (c += 3; *c && field <= 20; c++) {
        if (*c >= '0' && *c <= '9') {
            number = number * 10 + (*c - '0');
            continue;
        }
        if (field == 4)
            look->parent = number;
        if (field == 20)
            look->threads = number;
        if (*c == ' ')
            field++;
        number = 0;
    }
    return field > 20;
}

// A zombie's first thread may have ended before the others.
static bool
is_alive(const struct look *look)
{
    return (look->state != 'Z' && look->state != 'X') || look->threads > 1;
}

// Stopped, traced, in the kernel, or dead: no instruction of it is run.
static bool
is_still(const struct look *look)
{
    return strchr("TtD", look->state) || !is_alive(look);
}

static void
add_member(struct tree *t, pid_t pid, pid_t parent)
{
    if (t->n < TREE_MAX)
        t->member[t->n++] = (struct member){pid, parent};
}

// Call fn(arg, N) for every entry of a directory whose name is a number N.
static void
each_number(int dir, void (*fn)(void *, int), void *arg)
{
    struct entry {
        uint64_t inode, offset;
        unsigned short size;
        unsigned char type;
        char name[];
    };
    _Alignas(struct entry) char buf[4096];
    long n;
    while ((n = syscall(SYS_getdents64, dir, buf, sizeof(buf))) > 0) {
        for (long at = 0; at < n;) {
            struct entry *e = (struct entry *)(buf + at);
            at += e->size;
            int number = 0;
            for (const char *c = e->name; *c && number >= 0; c++)
                number = *c >= '0' && *c <= '9' ? number * 10 + *c - '0' : -1;
            if (number > 0)
                fn(arg, number);
        }
    }
}

struct listing {
    struct tree *to;
    pid_t parent;
    int dir;  // /proc/PARENT/task
};

// A process's children are kept by thread: whichever called fork().
static void
add_children_of_thread(void *arg, int tid)
{
    struct listing *l = arg;
    char path[64], buf[4096];
    int fd = openat(l->dir, proc_path(path, tid, "children"),
                    O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t n;
    pid_t pid = 0;
    while ((n = read(fd, buf, sizeof(buf))) > 0) {
        for (ssize_t i = 0; i < n; i++) {
            if (buf[i] != ' ') {
                pid = pid * 10 + (buf[i] - '0');
            } else {
                add_member(l->to, pid, l->parent);
                pid = 0;
            }
        }
    }
    close(fd);
}

static void
add_if_child(void *arg, int pid)
{
    struct listing *l = arg;
    struct look look;
    if (look_at(pid, &look) && look.parent == l->parent)
        add_member(l->to, pid, l->parent);
}

static void
add_children(struct tree *to, pid_t parent)
{
    char path[64];
    struct listing l = {.to = to, .parent = parent};
    if (lacks_children_files) {
        lseek(proc, 0, SEEK_SET);
        each_number(proc, add_if_child, &l);
        return;
    }
    l.dir = openat(proc, proc_path(path, parent, "task"),
                   O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (l.dir >= 0) {
        each_number(l.dir, add_children_of_thread, &l);
        close(l.dir);
    }
}

// Signal a process found a moment ago.  Its number may have been given to a
// stranger since; a pidfd cannot be, so: take hold of it, look whether what we
// hold is the child of that parent (or ours by now), and only then signal.
static void
signal_member(const struct member *m, int sig)
{
    struct look look;
    int pidfd = (int)syscall(SYS_pidfd_open, m->pid, 0);
    if (pidfd < 0 || !look_at(m->pid, &look) ||
        (look.parent != m->parent && look.parent != getpid())) {
        tree.unsettled++;
    } else if (is_alive(&look)) {
        tree.alive++;
        tree.unsettled += !is_still(&look);
        syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0);
    }
    if (pidfd >= 0)
        close(pidfd);
}

static bool
is_spared(pid_t pid)
{
    for (size_t i = 0; i < spared.n; i++)
        if (spared.member[i].pid == pid)
            return true;
    return false;
}

// Find every process below this one, and stop it: parents first, so that
// whatever a parent forks is there to be found before its children are asked
// for, or is never made.
static void
stop_all(void)
{
    pid_t self = getpid();
    size_t kept = 0;
    tree.n = tree.alive = tree.unsettled = 0;
    add_children(&tree, self);
    for (size_t i = 0; i < tree.n; i++)
        if (!is_spared(tree.member[i].pid))
            tree.member[kept++] = tree.member[i];
    tree.n = kept;
    for (size_t i = 0; i < tree.n; i++) {
        signal_member(&tree.member[i], SIGSTOP);
        add_children(&tree, tree.member[i].pid);
    }
}

// Stop the whole tree before any of it is killed.  Killing alone would race
// with whatever forks: each death makes room for a new one.  Nobody is reaped
// here, so what a look finds can only grow; when it no longer grows and
// nobody runs, the tree is still.  A tree whose members wake each other up may
// never be: then the rounds of killing have to do without.
static void
freeze(void)
{
    int64_t give_up = later(now(), FREEZE_MS);
    size_t before;
    tree.n = 0;
    do {
        before = tree.n;
        stop_all();
        if (tree.unsettled == 0 && tree.n == before)
            return;
        poll_until(NULL, 0, now() + NS_PER_MS / 10);  // let them stop
    } while (now() < give_up);
}

// Kill what is found, children first: the children of a dead parent move away
// to us, and would be missed where they were.
static void
kill_all(void)
{
    stop_all();
    for (size_t i = tree.n; i-- > 0;)
        signal_member(&tree.member[i], SIGKILL);
}

// -------------------------------------------------------------- the program

static bool
is_target(const struct sv_spec *spec, int fd)
{
    for (size_t i = 0; i < spec->nfds; i++)
        if (spec->fds[i].child == fd)
            return true;
    return false;
}

// A copy of `fd` whose number no descriptor of the program is to have.  Copies
// that came to lie on such a number stay: the right one will replace them.
static int
park(const struct sv_spec *spec, int fd)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    while (copy >= 0 && is_target(spec, copy))
        copy = fcntl(fd, F_DUPFD_CLOEXEC, copy + 1);
    return copy;
}

// Give the program its descriptors.  dup2() in the order of the list would
// overwrite parents that a later pair still needs, so all are copied out of
// the way first.  Everything is marked to be closed by exec, then each target
// is made: a descriptor made by dup2() is not marked.
static int
place_descriptors(const struct sv_spec *spec, int *failure)
{
    int copy[spec->nfds + 1];
    *failure = park(spec, *failure);
    if (*failure < 0)
        return errno;
    for (size_t i = 0; i < spec->nfds; i++)
        if ((copy[i] = park(spec, spec->fds[i].parent)) < 0)
            return errno;
    if (syscall(SYS_close_range, 0, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
        return errno;
    for (size_t i = 0; i < spec->nfds; i++)
        if (dup2(copy[i], spec->fds[i].child) < 0)
            return errno;
    return 0;
}

// Turn into the program.  Returns only if that failed: the errno of the step.
static int
become(const struct sv_spec *spec, int *failure)
{
    extern char **environ;
    sigset_t none;
    sigemptyset(&none);
    if (setsid() < 0 || (spec->cwd && chdir(spec->cwd) < 0))
        return errno;
    int error = place_descriptors(spec, failure);
    if (error)
        return error;
    for (size_t i = 0; i < spec->nlimits; i++) {
        rlim_t value = spec->limits[i].value;
        if (setrlimit(spec->limits[i].resource,
                      &(struct rlimit){value, value}) < 0)
            return errno;
    }
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(spec->argv[0], spec->argv, spec->envp ? spec->envp : environ);
    return errno;
}

// Fork the program.  If it cannot be executed it says why into a pipe which a
// successful exec closes: nothing that it could exit with would say as much.
static int
spawn(struct run *run)
{
    int failure[2];
    pid_t self = getpid();
    if (pipe2(failure, O_CLOEXEC | O_NONBLOCK) < 0)
        return -errno;
    run->failure = failure[0];
    run->start = now();
    run->program = _Fork();
    if (run->program < 0)
        return -errno;
    if (run->program > 0) {
        close(failure[1]);
        return 0;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // should the supervisor be killed
    if (getppid() == self) {
        int error = become(run->spec, &failure[1]);
        while (write(failure[1], &error, sizeof(error)) < 0 && errno == EINTR)
            continue;
    }
    _exit(127);
}

// ------------------------------------------------------------- the supervisor

// A process of its own: no signal but SIGKILL and SIGSTOP reaches it, children
// become zombies until it reaps them, and orphans below it become its children.
static int
settle(struct run *run)
{
    sigset_t chld;
    struct sigaction dfl = {.sa_handler = SIG_DFL};
    for (int sig = 1; sig <= SIGRTMAX; sig++)
        sigaction(sig, &dfl, NULL);  // all are blocked since before the fork
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    prctl(PR_SET_NAME, "supervisor");
    if (setsid() < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
        return -errno;
    run->children = signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK);
    return run->children < 0 ? -errno : 0;
}

// Close what the supervisor inherited: a pipe of the caller that it kept open
// would never come to its end for whoever reads it.
static void
close_others(const struct run *run)
{
    int keep[] = {run->control, run->children, run->failure, proc};
    for (unsigned from = 0;;) {
        unsigned next = UINT_MAX;
        for (size_t i = 0; i < sizeof(keep) / sizeof(keep[0]); i++)
            if ((unsigned)keep[i] >= from && (unsigned)keep[i] < next)
                next = (unsigned)keep[i];
        if (next > from)
            syscall(SYS_close_range, from, next - (next != UINT_MAX), 0);
        if (next == UINT_MAX)
            return;
        from = next + 1;
    }
}

// Reap every child that is dead.  False when there is no child left at all.
static bool
reap(struct run *run)
{
    pid_t pid;
    int status;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid != run->program)
            continue;
        run->ended = true;
        run->status = status;
        if (run->spec->linger_ms >= 0)
            run->linger = later(now(), run->spec->linger_ms);
    }
    return pid == 0;
}

// Sleep until a child changes its state, the caller hangs up, or `when`.
static void
doze(struct run *run, int64_t when)
{
    struct signalfd_siginfo info[8];
    struct pollfd fds[] = {{.fd = run->children, .events = POLLIN},
                           {.fd = run->control, .events = POLLIN}};
    if (poll_until(fds, run->told ? 1 : 2, when) <= 0)
        return;
    while (read(run->children, info, sizeof(info)) > 0)
        continue;
    run->told |= fds[1].revents != 0;
}

// Wait until the whole tree has ended, or has to.
static void
attend(struct run *run)
{
    while (reap(run)) {
        int64_t t = now();
        if (t >= run->deadline) {
            run->result->timed_out = true;
            return;
        }
        if (run->told) {
            run->result->watch_ended = true;
            return;
        }
        if (t >= run->linger)
            return;
        doze(run, earlier_of(run->deadline, run->linger));
    }
}

// Kill whatever is left.  A member that slipped through one round is found in
// the next; only when waitpid() says that there is no child is none left.
static void
clear_away(struct run *run)
{
    struct look look;
    if (!reap(run))
        return;
    freeze();
    if (!run->ended && look_at(run->program, &look) && is_alive(&look))
        tree.alive--;
    run->result->strays = (unsigned)tree.alive;
    while (reap(run)) {
        int64_t round = later(now(), ROUND_MS);
        kill_all();
        while (reap(run) && now() < round)
            doze(run, round);
    }
}

static void
conclude(struct run *run)
{
    struct sv_result *result = run->result;
    result->wall_ns = now() - run->start;
    getrusage(RUSAGE_CHILDREN, &result->usage);
    if (read(run->failure, &result->code, sizeof(result->code)) > 0) {
        result->end = SV_NOT_STARTED;
    } else if (WIFSIGNALED(run->status)) {
        result->end = SV_SIGNALLED;
        result->code = WTERMSIG(run->status);
    } else {
        result->end = SV_EXITED;
        result->code = WEXITSTATUS(run->status);
    }
}

static noreturn void
be_supervisor(const struct sv_spec *spec, int control)
{
    struct report report = {0};
    struct run run = {.spec = spec, .control = control, .linger = NEVER,
                      .result = &report.result};
    spared.n = 0;  // the caller's children are not below this process
    report.error = settle(&run);
    if (!report.error)
        report.error = spawn(&run);
    if (!report.error) {
        run.deadline = spec->deadline_ms > 0
                           ? later(run.start, spec->deadline_ms) : NEVER;
        close_others(&run);
        attend(&run);
        clear_away(&run);
        conclude(&run);
    }
    send(control, &report, sizeof(report), MSG_NOSIGNAL);
    _exit(0);
}

// ----------------------------------------------------------------- the caller

// Fork the supervisor.  Every signal is blocked across the fork, so that no
// handler of the caller ever runs in it.  The fork is a clone() without an exit
// signal: unlike fork()'s child, this one ends without a SIGCHLD, is not taken
// by a waitpid(-1) elsewhere in the caller, and stays to be waited for even if
// the caller ignores SIGCHLD.
static pid_t
start_supervisor(const struct sv_spec *spec, int control[2])
{
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = (pid_t)syscall(SYS_clone, 0, 0, 0, 0, 0);
    if (pid == 0) {
        close(control[0]);
        be_supervisor(spec, control[1]);
    }
    int error = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    return pid < 0 ? -error : pid;
}

// Wait for the supervisor's report, calling the watch meanwhile.  -EOWNERDEAD
// if the supervisor died without one, or did not come back in time: then some
// process of the tree has killed or stopped it.
static int
await_report(const struct sv_spec *spec, pid_t supervisor, int control,
             struct report *report)
{
    int64_t start = now(), overdue = NEVER, watch = NEVER;
    if (spec->deadline_ms > 0)
        overdue = later(later(start, spec->deadline_ms), GRACE_MS);
    if (spec->watch)
        watch = later(start, spec->watch_ms);
    for (;;) {
        struct pollfd fd = {.fd = control, .events = POLLIN};
        int ready = poll_until(&fd, 1, earlier_of(overdue, watch));
        if (ready > 0) {
            ssize_t n = recv(control, report, sizeof(*report), MSG_DONTWAIT);
            if (n == sizeof(*report))
                return report->error;
            if (n >= 0 || (errno != EINTR && errno != EAGAIN))
                return -EOWNERDEAD;
        }
        int64_t t = now();
        if (t >= overdue)
            return -EOWNERDEAD;
        if (t >= watch) {
            watch = later(t, spec->watch_ms > 0 ? spec->watch_ms : 1);
            if (spec->watch(spec->watch_arg, supervisor)) {
                shutdown(control, SHUT_WR);
                watch = NEVER;
                overdue = earlier_of(overdue, later(t, GRACE_MS));
            }
        }
    }
}

// The supervisor is dead, and its children have become the caller's.
static void
clear_away_orphans(void)
{
    int64_t give_up = later(now(), GRACE_MS);
    do {
        kill_all();
        for (size_t i = 0; i < tree.n; i++)
            if (tree.member[i].parent == getpid())
                waitpid(tree.member[i].pid, NULL, __WALL | WNOHANG);
        poll_until(NULL, 0, later(now(), tree.n ? 1 : 0));
    } while (tree.n > 0 && now() < give_up);
}

// Wait for the supervisor's end, and for that of what it left behind.
static void
dismiss(pid_t supervisor, bool failed)
{
    if (failed)
        kill(supervisor, SIGKILL);
    while (waitpid(supervisor, NULL, __WALL) < 0 && errno == EINTR)
        continue;
    if (failed)
        clear_away_orphans();
}

// Open the /proc of this process's own PID namespace.
static int
open_proc(void)
{
    char self[16] = "";
    int number = 0;
    proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0)
        return -errno;
    ssize_t n = readlinkat(proc, "self", self, sizeof(self));
    for (ssize_t i = 0; i < n; i++)
        number = number * 10 + (self[i] - '0');
    if (number != getpid()) {
        close(proc);
        return -ESRCH;
    }
    lacks_children_files = faccessat(proc, "thread-self/children", F_OK, 0) < 0;
    return 0;
}

// Asked before any descriptor of our own is open, which could otherwise be
// taken for the one that the caller meant.
static bool
are_open(const struct sv_fd *fds, size_t nfds)
{
    for (size_t i = 0; i < nfds; i++)
        if (fcntl(fds[i].parent, F_GETFD) < 0)
            return false;
    return true;
}

int
supervise(const struct sv_spec *spec, struct sv_result *result)
{
    struct report report = {0};
    int control[2], was_subreaper = 0;
    if (!spec->argv || !spec->argv[0])
        return -EINVAL;
    if (!are_open(spec->fds, spec->nfds)) {
        *result = (struct sv_result){.end = SV_NOT_STARTED, .code = EBADF};
        return 0;
    }
    int error = open_proc();
    if (error)
        return error;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0) {
        error = -errno;
        close(proc);
        return error;
    }
    // Should the supervisor be killed, its children come to the next subreaper
    // above.  That has to be us; these children here are not among them.
    prctl(PR_GET_CHILD_SUBREAPER, &was_subreaper);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    spared.n = 0;
    add_children(&spared, getpid());

    pid_t supervisor = start_supervisor(spec, control);
    close(control[1]);
    error = supervisor;
    if (supervisor > 0) {
        error = await_report(spec, supervisor, control[0], &report);
        dismiss(supervisor, error == -EOWNERDEAD);
    }
    prctl(PR_SET_CHILD_SUBREAPER, was_subreaper);
    close(control[0]);
    close(proc);
    if (!error)
        *result = report.result;
    return error;
}
