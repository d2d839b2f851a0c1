// SPDX-License-Identifier: MIT
// supervise_test.c -- the supervisor itself, under everything that lab 1 asks
// and what only a hostile tree does.  Prints TAP.  The program it runs is this
// one again, with the name of a part to play.  Book: chapter 1.
#include <fcntl.h>
#include <unistd.h>

static int grace_ms = 10000;
#define GRACE_MS grace_ms
#define faccessat pretended_faccessat
static int pretended_faccessat(int dir, const char *path, int mode, int flags);
#include "../supervise.c"
#undef faccessat

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>

static bool no_children_files;  // pretend a kernel without CONFIG_PROC_CHILDREN

static int
pretended_faccessat(int dir, const char *path, int mode, int flags)
{
    return no_children_files ? -1 : faccessat(dir, path, mode, flags);
}

// ------------------------------------------------------------------ the parts

static noreturn void
hang(void)
{
    for (;;)
        pause();
}

static void
burn(int ms)
{
    struct timespec t;
    do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    while (t.tv_sec * 1000 + t.tv_nsec / 1000000 < ms);
}

static int
descriptors(void)
{
    int sum = 0;
    for (int fd = 0; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            sum++;
    return sum;
}

static void *
second_thread(void *arg)
{
    struct look look;
    proc = open("/proc", O_RDONLY | O_DIRECTORY);
    while (!look_at(getpid(), &look) || look.state != 'Z')
        sched_yield();
    dprintf(4, "!");
    hang();
    return arg;
}

static int
play(const char *part, int number)
{
    if (!strcmp(part, "exit"))
        return number;
    if (!strcmp(part, "raise"))
        raise(number);
    if (!strcmp(part, "count-fds"))
        return descriptors();
    if (!strcmp(part, "say-fds")) {  // each descriptor 5 to 9 gets its number
        for (int fd = 5; fd <= 9; fd++)
            dprintf(fd, "%d", fd);
        return 0;
    }
    if (!strcmp(part, "nofile")) {
        struct rlimit r;
        getrlimit(RLIMIT_NOFILE, &r);
        return r.rlim_cur == r.rlim_max ? (int)r.rlim_cur : 255;
    }
    if (!strcmp(part, "signals")) {  // 0: nothing blocked, nothing ignored
        sigset_t mask;
        sigprocmask(SIG_SETMASK, NULL, &mask);
        int strange = 0;
        for (int sig = 1; sig <= SIGRTMAX; sig++) {
            struct sigaction a;
            if (sig == 32 || sig == 33 || sigaction(sig, NULL, &a) < 0)
                continue;
            strange += sigismember(&mask, sig) || a.sa_handler != SIG_DFL;
        }
        return strange;
    }
    if (!strcmp(part, "leader"))
        return getsid(0) == getpid() && getpgid(0) == getpid();
    if (!strcmp(part, "hang")) {
        for (int sig = 1; sig < SIGRTMAX; sig++)
            signal(sig, SIG_IGN);
        hang();
    }
    if (!strcmp(part, "stopped")) {
        if (fork() == 0)
            raise(SIGSTOP);
        raise(SIGSTOP);
    }
    if (!strcmp(part, "children")) {
        for (int i = 0; i < number; i++)
            if (fork() == 0)
                hang();
        return 3;
    }
    if (!strcmp(part, "deep")) {
        while (number-- > 0)
            if (fork() > 0)
                hang();
        dprintf(4, "!");  // the last of them
        hang();
    }
    if (!strcmp(part, "daemon")) {
        for (int i = 0; i < number; i++) {
            if (fork() == 0) {
                setsid();
                if (fork() > 0)
                    _exit(0);
                setsid();
                hang();
            }
            wait(NULL);
        }
        return 4;
    }
    if (!strcmp(part, "misleading-name")) {  // two fields of stat in the name
        if (fork() == 0) {
            prctl(PR_SET_NAME, "a) Z 1 (b) Z 1");
            dprintf(4, "!");
            hang();
        }
        hang();
    }
    if (!strcmp(part, "headless")) {  // its first thread is a zombie
        if (fork() == 0) {
            pthread_t other;
            pthread_create(&other, NULL, second_thread, NULL);
            pthread_exit(NULL);
        }
        hang();
    }
    if (!strcmp(part, "burn")) {  // a child and a grandchild burn, nobody waits
        if (fork() == 0) {
            if (fork() > 0)
                burn(number);
            burn(number);
            _exit(0);
        }
        return 0;
    }
    if (!strcmp(part, "late")) {
        if (fork() == 0)
            poll(NULL, 0, number);
        return 5;
    }
    if (!strcmp(part, "bomb"))
        for (;;)
            fork();
    if (!strcmp(part, "comet"))
        for (;;)
            if (fork() > 0)
                _exit(0);
    if (!strcmp(part, "awake"))
        for (;;) {
            fork();
            setsid();
            kill(getppid(), SIGCONT);
        }
    if (!strcmp(part, "kill-parent") || !strcmp(part, "stop-parent")) {
        pid_t parent = getppid();
        for (int i = 0; i < 5; i++) {
            if (fork() == 0) {
                setsid();
                fork();
                hang();
            }
        }
        kill(parent, part[0] == 'k' ? SIGKILL : SIGSTOP);
        hang();
    }
    return 99;
}

// ------------------------------------------------------------------- the tests

static int tests, failed;

static void
check(bool ok, const char *what)
{
    tests++;
    failed += !ok;
    printf("%sok %d - %s\n", ok ? "" : "not ", tests, what);
}

static struct sv_result r;
static int error;
static int held[2] = {-1, -1};

// A watch: end the run when the tree says that it is complete.
static int
complete(void *arg, int supervisor)
{
    char c;
    (void)arg, (void)supervisor;
    return read(held[0], &c, 1) == 1;
}

// Run a part.  All of its tree hold the writing end of a pipe as descriptor 4:
// whether it is at its end afterwards says whether any of them is left.
static bool
run(struct sv_spec spec, const char *part, int number)
{
    char text[16], c;
    char *argv[] = {(char *)"/proc/self/exe", (char *)part, text, NULL};
    struct sv_fd fds[16];
    snprintf(text, sizeof(text), "%d", number);
    if (pipe2(held, O_CLOEXEC | O_NONBLOCK) < 0)
        abort();
    for (size_t i = 0; i < spec.nfds; i++)
        fds[i] = spec.fds[i];
    fds[spec.nfds] = (struct sv_fd){4, held[1]};
    spec.fds = fds;
    spec.nfds++;
    if (!spec.argv)
        spec.argv = argv;
    memset(&r, 0xa5, sizeof(r));
    error = supervise(&spec, &r);
    close(held[1]);
    bool gone = read(held[0], &c, 1) == 0;
    close(held[0]);
    if (!gone)
        printf("# something of the tree is alive\n");
    if (error)
        printf("# error %d\n", error);
    else
        printf("# end %d code %d timed_out %d watch %d strays %u wall %.0f\n",
               (int)r.end, r.code, r.timed_out, r.watch_ended, r.strays,
               (double)r.wall_ns / 1e6);
    return gone && error == 0;
}

static bool
ended(enum sv_end end, int code)
{
    return r.end == end && r.code == code;
}

// Run a part whose tree has to be complete when the deadline comes: so many
// strays, and a program that was to exit (`number` is not 0) has.  A machine
// on which it was not gives it four times as long.
static bool
run_complete(struct sv_spec spec, const char *part, int number,
             unsigned strays)
{
    for (;;) {
        bool gone = run(spec, part, number);
        if (!gone || !r.timed_out || spec.deadline_ms > 20000 ||
            (r.strays >= strays && (number == 0 || r.end == SV_EXITED)))
            return gone;
        spec.deadline_ms *= 4;
    }
}

static void
ends(void)
{
    struct sv_spec plain = {0};
    check(run(plain, "exit", 0) && ended(SV_EXITED, 0), "exit status 0");
    check(run(plain, "exit", 255) && ended(SV_EXITED, 255), "exit status 255");
    check(run(plain, "exit", 127) && ended(SV_EXITED, 127),
          "exit status 127 is not taken for a failed exec");
    check(run(plain, "raise", SIGSEGV) && ended(SV_SIGNALLED, SIGSEGV),
          "ended by a signal");
}

static void
not_started(void)
{
    char *nowhere[] = {(char *)"/nowhere", NULL};
    char *directory[] = {(char *)"/", NULL};
    struct sv_limit limit = {-1, 0};
    struct sv_fd closed = {3, 999};
    struct sv_spec s = {.argv = nowhere};
    check(run(s, "", 0) && ended(SV_NOT_STARTED, ENOENT), "no such program");
    s.argv = directory;
    check(run(s, "", 0) && ended(SV_NOT_STARTED, EACCES), "not a program");
    s = (struct sv_spec){.cwd = "/nowhere"};
    check(run(s, "exit", 0) && ended(SV_NOT_STARTED, ENOENT), "no such cwd");
    s = (struct sv_spec){.limits = &limit, .nlimits = 1};
    check(run(s, "exit", 0) && ended(SV_NOT_STARTED, EINVAL), "no such limit");
    s = (struct sv_spec){.fds = &closed, .nfds = 1};
    check(run(s, "exit", 0) && ended(SV_NOT_STARTED, EBADF),
          "a descriptor that is not open");
    // The numbers that supervise() itself opens next are not the caller's.
    int free = dup(0);
    close(free);
    bool ok = true;
    for (int fd = free; fd < free + 6; fd++) {
        closed.parent = fd;
        char *argv[] = {(char *)"/proc/self/exe", (char *)"exit", NULL};
        s = (struct sv_spec){.argv = argv, .fds = &closed, .nfds = 1};
        ok &= supervise(&s, &r) == 0 && ended(SV_NOT_STARTED, EBADF);
    }
    check(ok, "the supervisor's own descriptors are nobody else's");
    char *none[] = {NULL};
    check(supervise(&(struct sv_spec){.argv = none}, &r) == -EINVAL,
          "no argv: -EINVAL");
}

static void
descriptor_tests(void)
{
    char text[2];
    struct sv_fd fds[5];
    int p[5][2];
    bool ok;
    for (int i = 0; i < 5; i++)
        if (pipe(p[i]) < 0)
            abort();
    for (int i = 0; i < 5; i++) {
        dup2(p[i][1], 105 + i);
        fds[i] = (struct sv_fd){5 + i, 105 + (i + 1) % 5};
    }
    ok = run((struct sv_spec){.fds = fds, .nfds = 5}, "say-fds", 0);
    for (int i = 0; i < 5; i++)  // p[(i + 1) % 5] was the child's 5 + i
        ok &= read(p[(i + 1) % 5][0], text, 1) == 1 && text[0] == '5' + i;
    check(ok, "descriptors, shifted");
    struct sv_fd turned[] = {{6, 105}, {5, 106}, {9, 107}, {7, 108}, {8, 109}};
    ok = run((struct sv_spec){.fds = turned, .nfds = 5}, "say-fds", 0);
    for (int i = 0; i < 5; i++) {
        int from = turned[i].parent - 105;
        ok &= read(p[from][0], text, 1) == 1 &&
              text[0] == '0' + turned[i].child;
    }
    check(ok, "descriptors, permuted");
    for (int i = 0; i < 5; i++)
        close(105 + i), close(p[i][0]), close(p[i][1]);
    // A ring that overlaps itself: each number is a parent and a child.
    int ring[3][2];
    struct stat want[3], got;
    struct sv_fd cycle[3];
    for (int i = 0; i < 3; i++)
        if (pipe(ring[i]) < 0 || fstat(ring[i][1], &want[i]) < 0)
            abort();
    for (int i = 0; i < 3; i++)
        cycle[i] = (struct sv_fd){ring[i][1], ring[(i + 1) % 3][1]};
    int failure = dup(0);
    pid_t pid = fork();
    if (pid == 0) {
        struct sv_spec s = {.fds = cycle, .nfds = 3};
        int bad = place_descriptors(&s, &failure);
        for (int i = 0; i < 3; i++)
            bad += fstat(ring[i][1], &got) < 0 ||
                   got.st_ino != want[(i + 1) % 3].st_ino;
        _exit(bad);
    }
    int status;
    waitpid(pid, &status, 0);
    check(status == 0, "descriptors, a ring in place");
    close(failure);
    for (int i = 0; i < 3; i++)
        close(ring[i][0]), close(ring[i][1]);
    // The lowest free numbers are asked for: no copy may be put there.
    int low = dup(1);
    close(low);
    struct sv_fd lowest[] = {{low, 1}, {low + 1, 1}};
    struct sv_spec wants = {.fds = lowest, .nfds = 2};
    int copy = park(&wants, 1);
    check(copy >= 0 && copy != low && copy != low + 1,
          "copies are out of the way");
    close(copy), close(low), close(low + 1);
    for (int fd = 30; fd < 60; fd++)
        dup2(1, fd);
    check(run((struct sv_spec){0}, "count-fds", 0) && ended(SV_EXITED, 1),
          "every other descriptor is closed");
    for (int fd = 30; fd < 60; fd++)
        close(fd);
}

static void
state_of_the_program(void)
{
    struct sv_limit limit = {RLIMIT_NOFILE, 17};
    check(run((struct sv_spec){.limits = &limit, .nlimits = 1}, "nofile", 0) &&
              ended(SV_EXITED, 17), "limits, soft and hard");
    sigset_t some, before, after;
    sigemptyset(&some);
    sigaddset(&some, SIGTERM);
    sigaddset(&some, SIGCHLD);
    sigaddset(&some, SIGRTMAX);
    sigprocmask(SIG_SETMASK, &some, &before);
    signal(SIGUSR1, SIG_IGN);
    signal(SIGRTMAX, SIG_IGN);
    check(run((struct sv_spec){0}, "signals", 0) && ended(SV_EXITED, 0),
          "the program starts with clean signals");
    signal(SIGRTMAX, SIG_DFL);
    sigset_t pending;
    sigpending(&pending);
    sigprocmask(SIG_SETMASK, &before, &after);
    check(sigismember(&after, SIGTERM) && sigismember(&after, SIGCHLD) &&
              !sigismember(&after, SIGINT) &&
              signal(SIGUSR1, SIG_DFL) == SIG_IGN,
          "the caller's mask and dispositions stay");
    check(!sigismember(&pending, SIGCHLD), "the caller gets no SIGCHLD");
    check(run((struct sv_spec){0}, "leader", 0) && ended(SV_EXITED, 1),
          "the program leads a session and a group");
}

static void
deadlines(void)
{
    struct sv_spec s = {.deadline_ms = 50};
    check(run(s, "hang", 0) && ended(SV_SIGNALLED, SIGKILL) && r.timed_out &&
              r.strays == 0 && r.wall_ns >= 50 * NS_PER_MS,
          "a deadline ends what ignores every signal");
    s.deadline_ms = 500;
    check(run_complete(s, "stopped", 0, 1) && ended(SV_SIGNALLED, SIGKILL) &&
              r.timed_out && r.strays == 1,
          "a deadline ends a tree that is stopped");
    s.linger_ms = -1;
    s.deadline_ms = 1000;
    check(run_complete(s, "children", 7, 7) && ended(SV_EXITED, 3) &&
              r.timed_out && r.strays == 7, "the program is gone, its children are not");
    s = (struct sv_spec){.deadline_ms = 10000, .linger_ms = 40};
    check(run(s, "children", 3) && ended(SV_EXITED, 3) && !r.timed_out &&
              r.strays == 3 && r.wall_ns >= 40 * NS_PER_MS,
          "descendants may linger, not longer");
    s.linger_ms = 10000;
    check(run(s, "late", 30) && ended(SV_EXITED, 5) && !r.timed_out &&
              r.strays == 0 && r.wall_ns >= 30 * NS_PER_MS &&
              r.wall_ns < 9000 * NS_PER_MS, "a late descendant is waited for");
    s = (struct sv_spec){.deadline_ms = INT64_MAX, .linger_ms = INT64_MAX};
    check(run(s, "late", 1) && ended(SV_EXITED, 5) && !r.timed_out,
          "the largest numbers do not overflow");
}

static void
trees(void)
{
    struct sv_spec s = {.deadline_ms = 10000};
    check(run(s, "daemon", 4) && ended(SV_EXITED, 4) && r.strays == 4,
          "daemons are found and killed");
    check(run(s, "children", 200) && ended(SV_EXITED, 3) && r.strays == 200,
          "200 children");
    s.watch = complete;
    s.watch_ms = 5;
    check(run(s, "deep", 100) && ended(SV_SIGNALLED, SIGKILL) &&
              r.watch_ended && r.strays == 100, "100 generations");
    check(run(s, "misleading-name", 0) && r.watch_ended && r.strays == 1,
          "a name that looks like the fields after it");
    check(run(s, "headless", 0) && r.watch_ended && r.strays == 1,
          "a process whose first thread has ended is alive");
    s = (struct sv_spec){.linger_ms = -1};
    check(run(s, "burn", 40) && ended(SV_EXITED, 0) &&
              r.usage.ru_utime.tv_sec * 1000000 + r.usage.ru_utime.tv_usec +
              r.usage.ru_stime.tv_sec * 1000000 + r.usage.ru_stime.tv_usec >=
              80000, "the time of descendants counts");
}

static void
bombs(void)
{
    static const char *const kind[] = {"bomb", "comet", "awake"};
    struct sv_limit limit = {RLIMIT_NPROC, 150};
    struct sv_spec s = {.deadline_ms = 80, .linger_ms = -1, .limits = &limit,
                        .nlimits = 1};
    for (int i = 0; i < 3; i++) {
        char text[80];
        snprintf(text, sizeof(text), "a fork bomb: %s", kind[i]);
        // Root has no limit on its processes; a user of no process has.
        fflush(stdout);
        pid_t pid = fork();
        if (pid == 0) {
            if (getuid() == 0 && setresuid(54321, 54321, 54321) < 0)
                _exit(2);
            _exit(!(run(s, kind[i], 0) && r.timed_out && fflush(stdout) == 0));
        }
        int status;
        waitpid(pid, &status, 0);
        check(status == 0, text);
    }
}

static void
on_alarm(int sig)
{
    (void)sig;
}

static void
circumstances(void)
{
    struct sv_spec s = {.deadline_ms = 500, .linger_ms = -1};
    struct itimerval storm = {{0, 500}, {0, 500}}, calm = {{0, 0}, {0, 0}};
    struct itimerval left;
    struct sigaction handler = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &handler, NULL);
    setitimer(ITIMER_REAL, &storm, NULL);
    check(run_complete(s, "children", 3, 3) && r.timed_out && r.strays == 3 &&
              r.wall_ns >= 500 * NS_PER_MS && r.wall_ns < 5000 * NS_PER_MS,
          "a storm of signals neither ends nor prolongs the wait");
    getitimer(ITIMER_REAL, &left);
    setitimer(ITIMER_REAL, &calm, NULL);
    check(left.it_interval.tv_usec == 500, "the caller's timer runs on");
    signal(SIGALRM, SIG_DFL);

    signal(SIGCHLD, SIG_IGN);
    check(run((struct sv_spec){0}, "exit", 17) && ended(SV_EXITED, 17),
          "SIGCHLD ignored by the caller");
    check(signal(SIGCHLD, SIG_DFL) == SIG_IGN, "and still ignored afterwards");

    int ready[2], status;
    if (pipe(ready) < 0)
        abort();
    pid_t dead = fork();
    if (dead == 0)
        _exit(42);
    siginfo_t info;
    waitid(P_PID, (id_t)dead, &info, WEXITED | WNOWAIT);
    pid_t alive = fork();
    if (alive == 0)
        hang();
    s.linger_ms = 0;
    bool ok = run_complete(s, "daemon", 2, 2) && r.strays == 2;
    ok &= waitpid(dead, &status, WNOHANG) == dead && status == 42 << 8;
    ok &= waitpid(alive, &status, WNOHANG) == 0;
    kill(alive, SIGKILL);
    ok &= waitpid(alive, &status, 0) == alive;
    ok &= waitpid(-1, &status, 0) < 0 && errno == ECHILD;
    check(ok, "other children are neither reaped nor killed");
    close(ready[0]);
    close(ready[1]);

    int before = descriptors(), was = -1;
    for (int i = 0; i < 20; i++)
        run((struct sv_spec){0}, "exit", i);
    prctl(PR_GET_CHILD_SUBREAPER, &was);
    check(descriptors() == before, "no descriptor leaks");
    check(waitpid(-1, &status, 0) < 0 && errno == ECHILD, "no zombie is left");
    check(was == 0, "the subreaper state is restored");
}

struct seen {
    int calls, below;
};

static int
watching(void *arg, int supervisor)
{
    struct seen *seen = arg;
    char path[64], text[256] = "";
    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", supervisor,
             supervisor);
    int below = 0, fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0)
        for (char *c = text; *c; c++)
            below += *c == ' ';
    if (fd >= 0)
        close(fd);
    if (seen->calls == 0 && below == 0)
        return 0;  // the supervisor has had no core yet
    seen->below += below;
    return ++seen->calls == 5;
}

static void
watches(void)
{
    struct seen seen = {0};
    struct sv_spec s = {.watch = watching, .watch_arg = &seen, .watch_ms = 10};
    check(run(s, "hang", 0) && r.watch_ended && !r.timed_out &&
              ended(SV_SIGNALLED, SIGKILL) && seen.calls == 5 &&
              seen.below == 5,
          "the watch sees the tree and ends the run");
}

static void
hostile(void)
{
    struct sv_spec s = {.deadline_ms = 60000, .linger_ms = -1};
    int status;
    run(s, "kill-parent", 0);
    check(error == -EOWNERDEAD && waitpid(-1, &status, 0) < 0 &&
              errno == ECHILD, "a tree that kills its supervisor dies too");
    // It is found out by its silence; it has to be stopped before its time.
    bool gone;
    grace_ms = 300;
    s.deadline_ms = 250;
    do {
        s.deadline_ms *= 4;
        gone = run(s, "stop-parent", 0);
    } while (error == 0 && r.timed_out && s.deadline_ms < 20000);
    check(!gone && error == -EOWNERDEAD && waitpid(-1, &status, 0) < 0 &&
              errno == ECHILD, "a tree that stops its supervisor dies too");

    grace_ms = 10000;

    // The caller is killed: its supervisor takes the tree along.
    char c;
    if (pipe(held) < 0)
        abort();
    fflush(stdout);
    pid_t caller = fork();
    if (caller == 0) {
        struct sv_fd fds[] = {{4, held[1]}, {1, held[1]}};
        char *argv[] = {(char *)"/bin/sh", (char *)"-c",
                        (char *)"(setsid sleep 1000 &) & echo; sleep 1000",
                        NULL};
        s = (struct sv_spec){.argv = argv, .fds = fds, .nfds = 2};
        close(held[0]);
        supervise(&s, &r);
        _exit(0);
    }
    close(held[1]);
    bool ok = read(held[0], &c, 1) == 1;
    kill(caller, SIGKILL);
    waitpid(caller, &status, 0);
    struct pollfd fd = {.fd = held[0], .events = POLLIN};
    ok &= poll(&fd, 1, 10000) == 1 && read(held[0], &c, 1) == 0;
    check(ok, "a caller's death takes the tree along");
    close(held[0]);
}

static void
without_children_files(void)
{
    no_children_files = true;
    check(run((struct sv_spec){.deadline_ms = 10000}, "daemon", 3) &&
              ended(SV_EXITED, 4) && r.strays == 3,
          "daemons are found without CONFIG_PROC_CHILDREN, too");
    no_children_files = false;
}

int
main(int argc, char **argv)
{
    if (argc > 1)
        return play(argv[1], argc > 2 ? atoi(argv[2]) : 0);
    setvbuf(stdout, NULL, _IOLBF, 0);
    ends();
    not_started();
    descriptor_tests();
    state_of_the_program();
    deadlines();
    trees();
    bombs();
    circumstances();
    watches();
    hostile();
    without_children_files();
    printf("1..%d\n", tests);
    return failed > 0;
}
