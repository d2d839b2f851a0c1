// SPDX-License-Identifier: MIT
// judge.c -- the judge of lab 1.
//
//     judge ==== subject (subject.c + supervise.c) ---- puppet ---- puppets ...
//       \\                                              //          //
//        \\============================================//==========//
//
// The subject calls supervise() as it is ordered; the program that is run is a
// puppet, which connects to the judge and does what it is told.  Of every
// process the judge learns the true number from the kernel (SO_PEERCRED), and
// what it is like from /proc; what supervise() reports is compared with that.
// See talk.h.  Book: chapter 1.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "judge.h"
#include "proc.h"
#include "talk.h"

enum {
    QUIET_LOOKS = 8,    // so often has nothing moved: it hangs
    LOOK_MS = 50,
    PATIENCE_MS = 4000, // where something moves all the time
};

static const char *const end_names[] = {"SV_NOT_STARTED", "SV_EXITED",
                                        "SV_SIGNALLED"};

struct puppet {
    int fd;      // the judge's end of the connection
    int its_fd;  // the number of the puppet's end
    pid_t pid;   // as the judge sees it
    int pidfd;
};

struct test {
    struct judge *j;
    struct cell *cell;
    int channel, listener;
    char path[TEXT], token[TEXT];  // for the puppets
    pid_t subject;
    int64_t called;                // when supervise() was called, in ms
    struct order order;
    struct answer answer;
    bool answered;
    struct {
        pid_t pid;
        bool alive;
    } others[OTHERS];  // children of the subject's own
    int nothers;
    jmp_buf *late;  // where a test goes on that was overtaken by its deadline
};

// ----------------------------------------------------------------------- /proc

static int64_t
now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool
read_proc(pid_t pid, const char *name, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, text, size - 1);
    close(fd);
    text[n < 0 ? 0 : n] = '\0';
    return n > 0;
}

// A line of /proc/PID/status: what stands behind "Name:".
static bool
status_line(pid_t pid, const char *name, char *value, size_t size)
{
    char text[4096], key[32];
    snprintf(key, sizeof(key), "\n%s:\t", name);
    char *line = read_proc(pid, "status", text, sizeof(text))
                     ? strstr(text, key) : NULL;
    if (!line)
        return false;
    line += strlen(key);
    line[strcspn(line, "\n")] = '\0';
    snprintf(value, size, "%s", line);
    return true;
}

static long
status_number(pid_t pid, const char *name)
{
    char value[64];
    return status_line(pid, name, value, sizeof(value))
               ? strtol(value, NULL, 10) : -1;
}

static char
state_of(pid_t pid)
{
    char value[64];
    return status_line(pid, "State", value, sizeof(value)) ? value[0] : 'X';
}

static uint64_t
signal_set(pid_t pid, const char *name)
{
    char value[64] = "0";
    status_line(pid, name, value, sizeof(value));
    return strtoull(value, NULL, 16) & ~((uint64_t)3 << 31);  // 32, 33: glibc's
}

// The signals of a set as text: "2 10-12".
static const char *
in_numbers(uint64_t set)
{
    static char text[2][200];
    static int turn;
    char *to = text[turn++ % 2];
    size_t n = 0;
    snprintf(to, sizeof(text[0]), "none");
    for (int sig = 1; sig <= 64; sig++) {
        int first = sig;
        if (!(set >> (sig - 1) & 1))
            continue;
        while (sig < 64 && set >> sig & 1)
            sig++;
        n += (size_t)snprintf(to + n, sizeof(text[0]) - n,
                              sig > first ? "%s%d-%d" : "%s%d", n ? " " : "",
                              first, sig);
    }
    return to;
}

static uint64_t
bit(int sig)
{
    return (uint64_t)1 << (sig - 1);
}

// Whether that signal has been sent, and waits for the process to get a core:
// where all cores are busy, who was killed may look alive for a while.
static bool
is_sent(pid_t pid, int sig)
{
    return (signal_set(pid, "SigPnd") | signal_set(pid, "ShdPnd")) & bit(sig);
}

// A process's number as it sees it itself.
static int
inner_pid(pid_t pid)
{
    char value[128];
    if (!status_line(pid, "NSpid", value, sizeof(value)))
        return -1;
    char *last = strrchr(value, '\t');
    return atoi(last ? last + 1 : value);
}

static bool
is_dead(const struct puppet *p)
{
    return poll(&(struct pollfd){.fd = p->pidfd, .events = POLLIN}, 1, 0) == 1;
}

// What has moved so far among the processes of the cell.
static int
add_moves(pid_t pid, void *arg)
{
    uint64_t *moves = arg;
    char state = state_of(pid);
    *moves = *moves * 31 + (uint64_t)pid + (uint64_t)state;
    *moves += (uint64_t)status_number(pid, "voluntary_ctxt_switches") +
              (uint64_t)status_number(pid, "nonvoluntary_ctxt_switches");
    if (state == 'R' || state == 'D')
        *moves += (uint64_t)now_ms();  // it would move if it were let
    return 0;
}

static uint64_t
moves_of(const struct test *t)
{
    uint64_t moves = 0;
    pid_t root = t->subject;
    if (judge_isolated())
        root = (pid_t)status_number(root, "PPid");
    else
        add_moves(root, &moves);
    proc_walk(root, add_moves, &moves);
    return moves;
}

// ------------------------------------------------------------- wait for things

static void take_answer(struct test *t);

// Wait until fd is readable or closed, or supervise() has returned.  True: fd.
// A time is not what ends this, for a loaded machine may need any: only if all
// is asleep and stays so, past `hold_ms` after the call, will nothing come.
static bool
await(struct test *t, int fd, int64_t hold_ms, const char *want)
{
    uint64_t before = 0;
    int quiet = 0;
    for (;;) {
        struct pollfd p[] = {{.fd = fd, .events = POLLIN},
                             {.fd = t->channel, .events = POLLIN}};
        int n = poll(p, fd == t->channel ? 1 : 2, LOOK_MS);
        if (n > 0 && p[0].revents)
            return true;
        if (n > 0) {
            take_answer(t);
            return false;
        }
        int64_t past = now_ms() - t->called - hold_ms;
        if (status_number(t->subject, "TracerPid") > 0)
            past = 0;  // somebody is debugging it
        uint64_t moves = moves_of(t);
        quiet = past > 0 && moves == before ? quiet + 1 : 0;
        before = moves;
        if (quiet >= QUIET_LOOKS)
            judge_fail(t->j, JUDGE_TIMEOUT, want,
                       "everything is asleep and will be for ever");
        if (past > PATIENCE_MS)
            judge_fail(t->j, JUDGE_TIMEOUT, want,
                       "not within %lld ms, and not since",
                       (long long)(hold_ms + PATIENCE_MS));
    }
}

static void
take_answer(struct test *t)
{
    if (t->answered)
        return;
    judge_recv(t->j, t->cell, t->channel, &t->answer, sizeof(t->answer),
               "supervise() returns");
    t->answered = true;
}

// ------------------------------------------------ the subject's other children

static bool
is_alive(pid_t pid)
{
    return !is_sent(pid, SIGKILL) && !strchr("ZX", state_of(pid));
}

static bool
is_stopped(pid_t pid)
{
    return is_sent(pid, SIGSTOP) || strchr("Tt", state_of(pid));
}

static int
note_other(pid_t pid, void *arg)
{
    struct test *t = arg;
    if (t->nothers < OTHERS) {
        t->others[t->nothers].pid = pid;
        t->others[t->nothers++].alive = is_alive(pid);
    }
    return 0;
}

static void
check_others(struct test *t)
{
    for (int i = 0; i < t->nothers; i++) {
        pid_t pid = t->others[i].pid;
        bool there = status_number(pid, "PPid") == t->subject;
        judge_true(t->j, there, "the caller's other children are not waited "
                   "for", "one was");
        judge_true(t->j, is_alive(pid) == t->others[i].alive,
                   "the caller's other children live on", "one was killed");
        judge_true(t->j, !is_stopped(pid),
                   "the caller's other children run on", "one was stopped");
    }
}

// supervise() has to return, at the latest `hold_ms` after the call.
static const struct answer *
returned(struct test *t, int64_t hold_ms)
{
    if (!t->answered) {
        await(t, t->channel, hold_ms,
              hold_ms ? "supervise() returns soon after its time is over"
                      : "supervise() returns when the tree is gone");
        take_answer(t);
    }
    const char *name = strerrorname_np(-t->answer.returned);
    judge_true(t->j, t->answer.returned == 0, "supervise() returns 0",
               "it returned %d (%s)", t->answer.returned, name ? name : "?");
    check_others(t);
    return &t->answer;
}

// What was to come before the deadline has not.  On a loaded machine that is
// nobody's fault: then the test tries again with more time.
static noreturn void
too_early(struct test *t, const char *want, const char *got)
{
    int64_t deadline = t->order.deadline_ms;
    if (t->late && deadline > 0 && deadline < 5000) {
        returned(t, deadline);
        if (t->answer.result.timed_out &&
            t->answer.result.wall_ns >= deadline * 1000000)
            longjmp(*t->late, 1);
    }
    judge_fail(t->j, JUDGE_WRONG, want, "%s", got);
}

// ----------------------------------------------------------------- the puppets

static bool
same_file(const char *a, const char *b)
{
    struct stat sa, sb;
    bool same = false;
    int fa = open(a, O_RDONLY | O_CLOEXEC), fb = open(b, O_RDONLY | O_CLOEXEC);
    if (fa >= 0 && fb >= 0 && fstat(fa, &sa) == 0 && fstat(fb, &sb) == 0 &&
        sa.st_size == sb.st_size && sa.st_size > 0) {
        size_t size = (size_t)sa.st_size;
        void *ma = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fa, 0);
        void *mb = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fb, 0);
        same = ma != MAP_FAILED && mb != MAP_FAILED &&
               memcmp(ma, mb, size) == 0;
        if (ma != MAP_FAILED)
            munmap(ma, size);
        if (mb != MAP_FAILED)
            munmap(mb, size);
    }
    if (fa >= 0)
        close(fa);
    if (fb >= 0)
        close(fb);
    return same;
}

// Anybody in the cell may connect.  A puppet is who executes the puppet's file
// and is not traced, which could put words into its mouth.
static void
check_puppet(struct test *t, const struct puppet *p, const struct hello *hello)
{
    char exe[64];
    snprintf(exe, sizeof(exe), "/proc/%d/exe", (int)p->pid);
    if (p->pid == t->subject ||
        !same_file(exe, judge_own(t->j, "parts/puppet")))
        judge_fail(t->j, JUDGE_CHEAT, "the program itself connects",
                   "another process connected in its place");
    if (status_number(p->pid, "TracerPid") != 0)
        judge_fail(t->j, JUDGE_CHEAT, "the program runs untraced",
                   "it is traced (by your gdb? detach before execve())");
    if (strcmp(hello->token, t->token) != 0)
        judge_fail(t->j, JUDGE_WRONG, "the arguments of spec.argv",
                   "other ones");
}

// The next puppet connects.
static struct puppet
meet(struct test *t, const char *want)
{
    struct hello hello;
    struct ucred peer;
    socklen_t size = sizeof(peer);
    struct puppet p;
    if (!await(t, t->listener, 0, want)) {
        const struct sv_result *r = &t->answer.result;
        const char *name = strerrorname_np(-t->answer.returned);
        char got[128];
        if (t->answer.returned != 0)
            snprintf(got, sizeof(got), "supervise() returned %d before (%s)",
                     t->answer.returned, name ? name : "?");
        else if ((unsigned)r->end > SV_SIGNALLED)
            snprintf(got, sizeof(got), "supervise() returned 0 before, and "
                     "had not set result.end");
        else
            snprintf(got, sizeof(got), "supervise() returned 0 before, with "
                     "end %s, code %d", end_names[r->end], r->code);
        too_early(t, want, got);
    }
    p.fd = accept4(t->listener, NULL, NULL, SOCK_CLOEXEC);
    if (p.fd < 0 || getsockopt(p.fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        judge_fail(t->j, JUDGE_BROKEN, want, "%s", strerror(errno));
    p.pid = peer.pid;
    p.pidfd = (int)syscall(SYS_pidfd_open, p.pid, 0);
    if (p.pidfd < 0 || !await(t, p.fd, 0, want) ||
        recv(p.fd, &hello, sizeof(hello), 0) != sizeof(hello))
        too_early(t, want, "it died at once");
    hello.token[TEXT - 1] = '\0';
    p.its_fd = hello.fd;
    check_puppet(t, &p, &hello);
    return p;
}

static struct puppet
meet_program(struct test *t)
{
    return meet(t, "the program is started");
}

static void
tell(const struct puppet *p, enum puppet_op op, int arg)
{
    struct command c = {op, arg};
    send(p->fd, &c, sizeof(c), MSG_NOSIGNAL);
}

// Its reply to the last command.
static int
hear(struct test *t, const struct puppet *p, const char *want)
{
    int value;
    if (!await(t, p->fd, 0, want))
        too_early(t, want, "supervise() returned before");
    if (recv(p->fd, &value, sizeof(value), 0) != sizeof(value))
        too_early(t, want, "it was killed before");
    return value;
}

static int
do_it(struct test *t, const struct puppet *p, enum puppet_op op, int arg)
{
    tell(p, op, arg);
    return hear(t, p, "the tree is let run until its time is over");
}

// A child (or daemon) of `p`.
static struct puppet
bear(struct test *t, const struct puppet *p, enum puppet_op op)
{
    do_it(t, p, op, 0);
    return meet(t, "the tree is let run until its time is over");
}

// Wait for a puppet's death.
static void
mourn(struct test *t, const struct puppet *p, const char *want)
{
    if (!await(t, p->pidfd, 0, want) && !is_dead(p))
        judge_fail(t->j, JUDGE_WRONG, want, "it is alive");
}

// All that is to happen before the deadline has happened: really before it?
static void
in_time(struct test *t)
{
    if (now_ms() - t->called >= t->order.deadline_ms)
        too_early(t, "the deadline comes after that", "it came before");
}

static void
must_be_dead(struct test *t, const struct puppet *p, const char *what)
{
    judge_true(t->j, is_dead(p), "no process of the tree is left when "
               "supervise() returns", "%s was alive (%c)", what,
               state_of(p->pid));
}

// -------------------------------------------------------------------- a test

// The order that every test changes to its needs: run a puppet.
static void
plan(struct test *t, struct judge *j)
{
    *t = (struct test){.j = j};
    judge_token(j, t->token, 17);
    const char *scratch = judge_scratch(j);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(name.sun_path, sizeof(name.sun_path), "%s/s", scratch);
    t->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (t->listener < 0 ||
        bind(t->listener, (struct sockaddr *)&name, sizeof(name)) < 0 ||
        chmod(name.sun_path, 0666) < 0 || listen(t->listener, 64) < 0)
        judge_fail(j, JUDGE_BROKEN, "a socket", "%s", strerror(errno));
    struct order *o = &t->order;
    o->argc = 3;
    snprintf(o->argv[2], TEXT, "%s", t->token);
    o->envc = -1;
    o->nfds = 2;
    o->fds[0] = (struct sv_fd){1, 1};
    o->fds[1] = (struct sv_fd){2, 2};
    o->times = 1;
    o->others = 1;  // a bystander
}

// Start the subject with further descriptors, up to its call of supervise().
static void
start_with(struct test *t, const struct sv_fd *fds, size_t nfds,
           const struct cell_spec *limits)
{
    int inner;
    char *argv[] = {"/built/subject", NULL};
    const char *binds[] = {judge_scratch(t->j), "/judge", NULL};
    struct cell_spec spec = limits ? *limits : (struct cell_spec){0};
    struct sv_fd all[FDS + 1];
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        judge_fail(t->j, JUDGE_BROKEN, "a socket", "%s", strerror(errno));
    all[0] = (struct sv_fd){TALK_FD, pair[1]};
    for (size_t i = 0; i < nfds; i++)
        all[i + 1] = fds[i];
    spec.argv = argv;
    spec.fds = all;
    spec.nfds = nfds + 1;
    spec.binds = binds;
    t->cell = judge_start(t->j, &spec);
    t->channel = pair[0];
    close(pair[1]);
    const char *puppet = judge_inside(t->cell, "/parts/puppet");
    bool apart = strcmp(puppet, "/parts/puppet") == 0;  // not so under gdb
    snprintf(t->path, sizeof(t->path), "%s/s",
             apart ? "/judge" : judge_scratch(t->j));
    if (!*t->order.argv[0])
        snprintf(t->order.argv[0], TEXT, "%s", puppet);
    if (!*t->order.argv[1])
        snprintf(t->order.argv[1], TEXT, "%s", t->path);
    judge_send(t->j, t->cell, t->channel, &t->order, sizeof(t->order));
    judge_recv(t->j, t->cell, t->channel, &inner, sizeof(inner),
               "the subject is ready");
    // The cell's own word that it has started may come after the subject's.
    while (apart && (t->subject = judge_pid(t->cell)) == 0)
        poll(NULL, 0, 1);
    if (!apart)
        t->subject = inner;
    proc_walk(t->subject, note_other, t);
    t->called = now_ms();
}

static void
go(struct test *t)
{
    judge_send(t->j, t->cell, t->channel, "g", 1);
}

static void
start(struct test *t)
{
    start_with(t, NULL, 0, NULL);
    go(t);
}

// The same subject calls supervise() again, by the order as it is now.
static void
start_again(struct test *t)
{
    int inner;
    t->answered = false;
    judge_send(t->j, t->cell, t->channel, &t->order, sizeof(t->order));
    judge_recv(t->j, t->cell, t->channel, &inner, sizeof(inner),
               "the subject is ready");
    t->called = now_ms();
    go(t);
}

static void
check_end(struct test *t, enum sv_end end, int code)
{
    const struct sv_result *r = &t->answer.result;
    judge_str(t->j, "result.end", end_names[end],
              (unsigned)r->end <= SV_SIGNALLED ? end_names[r->end] : "not set");
    judge_int(t->j, "result.code", code, r->code);
}

static void
check_flags(struct test *t, bool timed_out, bool watch_ended)
{
    const struct sv_result *r = &t->answer.result;
    // Read as bytes: a bool that was never set may hold anything.
    judge_int(t->j, "result.timed_out", timed_out,
              *(const unsigned char *)&r->timed_out);
    judge_int(t->j, "result.watch_ended", watch_ended,
              *(const unsigned char *)&r->watch_ended);
}

static void
check_strays(struct test *t, int strays)
{
    judge_int(t->j, "result.strays", strays, t->answer.result.strays);
}

// From the call to the answer it took as long as wall_ns says, or longer.  The
// start may be taken a little before or after the fork.
static void
check_wall(struct test *t, int64_t at_least_ms)
{
    judge_between(t->j, "result.wall_ns / 1000000", at_least_ms - 5,
                  now_ms() - t->called + 1,
                  t->answer.result.wall_ns / 1000000);
}

// ------------------------------------------------ the tests: start, end, state

static void
starts(struct judge *j)
{
    struct test t;
    char got[4096], want[4096], place[64], dir[PATH_MAX];
    plan(&t, j);
    struct order *o = &t.order;
    o->argc = 3 + (int)judge_range(j, 1, 5);
    for (int i = 3; i < o->argc; i++)
        judge_token(j, o->argv[i], (size_t)judge_range(j, 1, 20));
    o->envc = (int)judge_range(j, 1, 5);
    for (int i = 0; i < o->envc; i++) {
        judge_token(j, o->env[i], 12);
        o->env[i][4] = '=';
    }
    static const char *const dirs[] = {"/usr/bin", "/usr/lib", "/usr", "/"};
    snprintf(o->cwd, TEXT, "%s", dirs[judge_range(j, 0, 3)]);
    judge_input(j, "%d arguments, %d variables, cwd %s", o->argc, o->envc,
                o->cwd);
    start(&t);
    struct puppet p = meet_program(&t);

    size_t n = 0;
    for (int i = 0; i < o->argc; i++)
        n += (size_t)snprintf(want + n, TEXT, "%s ", o->argv[i]);
    memset(got, 0, sizeof(got));
    read_proc(p.pid, "cmdline", got, sizeof(got));
    for (size_t i = 0; i < n; i++)
        got[i] = got[i] ? got[i] : ' ';
    judge_str(j, "its argv", want, got);

    n = 0;
    for (int i = 0; i < o->envc; i++)
        n += (size_t)snprintf(want + n, TEXT, "%s ", o->env[i]);
    memset(got, 0, sizeof(got));
    read_proc(p.pid, "environ", got, sizeof(got));
    for (size_t i = 0; i < n; i++)
        got[i] = got[i] ? got[i] : ' ';
    judge_str(j, "its environment", want, got);

    snprintf(place, sizeof(place), "/proc/%d/cwd", (int)p.pid);
    ssize_t size = readlink(place, dir, sizeof(dir) - 1);
    dir[size < 0 ? 0 : size] = '\0';
    judge_str(j, "its working directory", o->cwd, dir);
    tell(&p, PUPPET_EXIT, 0);
    returned(&t, 0);

    o->envc = -1;
    judge_input(j, "then envp NULL: the caller's own environment");
    start_again(&t);
    p = meet_program(&t);
    memset(want, 0, sizeof(want));
    memset(got, 0, sizeof(got));
    read_proc(t.subject, "environ", want, sizeof(want));
    read_proc(p.pid, "environ", got, sizeof(got));
    judge_true(j, memcmp(want, got, sizeof(want)) == 0,
               "its environment is the caller's", "%s%s",
               *got ? "another one, which begins " : "an empty one", got);
    tell(&p, PUPPET_EXIT, 0);
    returned(&t, 0);
}

static void
exit_status(struct judge *j)
{
    struct test t;
    plan(&t, j);
    for (int i = 0; i < 3; i++) {
        int code = i == 1 ? 127 : (int)judge_range(j, 1, 255);
        judge_input(j, "a program that exits with status %d", code);
        if (i == 0)
            start(&t);
        else
            start_again(&t);
        struct puppet p = meet_program(&t);
        tell(&p, PUPPET_EXIT, code);
        returned(&t, 0);
        check_end(&t, SV_EXITED, code);
        check_flags(&t, false, false);
    }
}

static void
ends_by_signal(struct judge *j)
{
    // The last cannot be blocked, and so tells less than the others.
    static const int fatal[] = {SIGSEGV, SIGTERM, SIGABRT, SIGUSR1, SIGPIPE,
                                SIGALRM, SIGHUP,  SIGFPE,  SIGKILL};
    struct test t;
    plan(&t, j);
    for (int i = 0; i < 2; i++) {
        int sig = fatal[judge_range(j, 0, i == 0 ? 7 : 8)];
        judge_input(j, "a program that kills itself with signal %d", sig);
        if (i == 0)
            start(&t);
        else
            start_again(&t);
        struct puppet p = meet_program(&t);
        tell(&p, PUPPET_RAISE, sig);
        returned(&t, 0);
        check_end(&t, SV_SIGNALLED, sig);
        check_flags(&t, false, false);
    }
}

// The call must fail with `error` and leave the subject as it was.
static void
cannot_start(struct test *t, int error)
{
    if (t->cell)
        start_again(t);
    else
        start(t);
    returned(t, 0);
    check_end(t, SV_NOT_STARTED, error);
    check_flags(t, false, false);
    judge_int(t->j, "number of children left, besides a bystander", 0,
              proc_use(t->subject, 0).processes - (unsigned)t->nothers);
}

static void
not_started(struct judge *j)
{
    struct test t;
    char word[9];
    plan(&t, j);
    judge_token(j, word, sizeof(word));
    snprintf(t.order.argv[0], TEXT, "/usr/bin/%s", word);
    judge_input(j, "a program that is not there: %s", t.order.argv[0]);
    cannot_start(&t, ENOENT);
    static const char *const names[] = {"ls", "env", "cat", "sh"};
    snprintf(t.order.argv[0], TEXT, "%s", names[judge_range(j, 0, 3)]);
    judge_input(j, "%s, which is in PATH but not in the working directory",
                t.order.argv[0]);
    cannot_start(&t, ENOENT);
    static const char *const dirs[] = {"/usr", "/usr/bin", "/proc", "/tmp"};
    snprintf(t.order.argv[0], TEXT, "%s", dirs[judge_range(j, 0, 3)]);
    judge_input(j, "a directory: %s", t.order.argv[0]);
    cannot_start(&t, EACCES);
    snprintf(t.order.argv[0], TEXT, "%s",
             judge_inside(t.cell, "/parts/puppet"));
    snprintf(t.order.cwd, TEXT, "/%s", word);
    judge_input(j, "a working directory that is not there: %s", t.order.cwd);
    cannot_start(&t, ENOENT);
    t.order.cwd[0] = '\0';
    t.order.nlimits = 1;
    t.order.limits[0] = (struct sv_limit){1000, (rlim_t)judge_range(j, 1, 99)};
    judge_input(j, "a limit that cannot be set, on resource 1000 (all before "
                "this was right; setrlimit() comes with test limits)");
    cannot_start(&t, EINVAL);
}

static bool
same_open_file(pid_t pid, int fd, int mine)
{
    char path[64];
    struct stat a, b;
    snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
    return stat(path, &a) == 0 && fstat(mine, &b) == 0 &&
           a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

// n pipes whose writing ends the subject has under the numbers in `number`.
static void
make_pipes(struct test *t, struct sv_fd *fds, const int *number, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int p[2];
        if (pipe2(p, O_CLOEXEC) < 0)
            judge_fail(t->j, JUDGE_BROKEN, "a pipe", "%s", strerror(errno));
        fds[i] = (struct sv_fd){number[i], p[1]};
    }
}

static void
shuffle(struct judge *j, int *a, size_t n)
{
    for (size_t i = n - 1; i > 0; i--) {
        size_t k = (size_t)judge_range(j, 0, (int64_t)i);
        int swap = a[i];
        a[i] = a[k];
        a[k] = swap;
    }
}

static void
descriptors(struct judge *j)
{
    enum { N = 9 };
    struct test t;
    struct sv_fd pipes[N];
    int from[N], to[N], first = (int)judge_range(j, 4, 20);
    char text[256] = "";
    plan(&t, j);
    // The numbers of the caller, turned by one (so that a chain goes round)
    // or shuffled, a few that only the program has, the lowest among them, and
    // one that is to have the same number.
    for (int i = 0; i < N; i++)
        from[i] = first + i;
    for (int i = 0; i < N; i++)
        to[i] = from[(i + 1) % N];
    if (judge_range(j, 0, 1))
        shuffle(j, to, 5);
    to[5] = 0;
    to[6] = 3;
    to[7] = (int)judge_range(j, 40, 120);
    to[8] = from[8];
    make_pipes(&t, pipes, from, N);
    t.order.nfds = N;
    t.order.circumstances = CLOSE_ON_EXEC;
    for (int i = 0, n = 0; i < N; i++) {
        t.order.fds[i] = (struct sv_fd){to[i], from[i]};
        n += snprintf(text + n, sizeof(text) - (size_t)n, " {%d,%d}", to[i],
                      from[i]);
    }
    judge_input(j, "fds, {child,parent}:%s, all of them close-on-exec in the "
                "caller", text);
    start_with(&t, pipes, N, NULL);
    go(&t);
    struct puppet p = meet_program(&t);
    for (int i = 0; i < N; i++)
        judge_true(j, same_open_file(p.pid, to[i], pipes[i].parent),
                   "every descriptor of the program is the one asked for",
                   "its %d is not the caller's %d", to[i], from[i]);
    tell(&p, PUPPET_EXIT, 0);
    returned(&t, 0);
    int closed = (int)judge_range(j, 200, 250);
    t.order.fds[3] = (struct sv_fd){to[3], closed};
    judge_input(j, "then the same with {%d,%d}, where the caller has no %d",
                to[3], closed, closed);
    cannot_start(&t, EBADF);
}

// The open descriptors of a process as text, without one of them.
static void
list_fds(pid_t pid, int without, char *text, size_t size)
{
    char path[64];
    size_t n = 0;
    text[0] = '\0';
    for (int fd = 0; fd < 1024; fd++) {
        struct stat st;
        snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
        if (fd != without && lstat(path, &st) == 0 && n < size)
            n += (size_t)snprintf(text + n, size - n, "%s%d", n ? " " : "", fd);
    }
}

static void
others_closed(struct judge *j)
{
    struct test t;
    struct sv_fd pipes[4];
    int number[] = {(int)judge_range(j, 4, 9), (int)judge_range(j, 10, 30),
                    (int)judge_range(j, 31, 256),
                    (int)judge_range(j, 257, 999)};
    char got[512], want[64], has[512];
    plan(&t, j);
    make_pipes(&t, pipes, number, 4);
    t.order.nfds = 2;
    t.order.fds[0] = (struct sv_fd){2, 1};
    t.order.fds[1] = (struct sv_fd){(int)judge_range(j, 5, 60), 2};
    snprintf(want, sizeof(want), "2 %d", t.order.fds[1].child);
    start_with(&t, pipes, 4, NULL);
    list_fds(t.subject, -1, has, sizeof(has));
    judge_input(j, "fds {2,1} {%d,2}; the caller has %s open",
                t.order.fds[1].child, has);
    go(&t);
    struct puppet p = meet_program(&t);
    list_fds(p.pid, p.its_fd, got, sizeof(got));
    judge_str(j, "the list of the program's descriptors", want, got);
    tell(&p, PUPPET_EXIT, 0);
    returned(&t, 0);
}

// prlimit() would need rights over the process; /proc/PID/limits does not.
static void
get_limit(pid_t pid, const char *name, struct rlimit *r)
{
    char text[4096], soft[32] = "", hard[32] = "";
    char *line = read_proc(pid, "limits", text, sizeof(text))
                     ? strstr(text, name) : NULL;
    if (line)
        sscanf(line + strlen(name), "%31s %31s", soft, hard);
    r->rlim_cur = soft[0] == 'u' ? RLIM_INFINITY : strtoull(soft, NULL, 10);
    r->rlim_max = hard[0] == 'u' ? RLIM_INFINITY : strtoull(hard, NULL, 10);
}

static void
limits(struct judge *j)
{
    static const struct {
        int resource;
        const char *name, *line;
        int64_t low, high;
    } kind[] = {{RLIMIT_NOFILE, "RLIMIT_NOFILE", "Max open files", 3, 6},
                {RLIMIT_FSIZE, "RLIMIT_FSIZE", "Max file size", 4096, 1 << 20},
                {RLIMIT_STACK, "RLIMIT_STACK", "Max stack size", 1 << 20,
                 4 << 20}};
    struct test t;
    struct rlimit before[3], r;
    plan(&t, j);
    t.order.nlimits = 3;
    for (int i = 0; i < 3; i++) {
        int64_t value = judge_range(j, kind[i].low, kind[i].high);
        t.order.limits[i] = (struct sv_limit){kind[i].resource, (rlim_t)value};
        judge_input(j, "%s: %lld", kind[i].name, (long long)value);
    }
    start_with(&t, NULL, 0, NULL);
    for (int i = 0; i < 3; i++)
        get_limit(t.subject, kind[i].line, &before[i]);
    go(&t);
    struct puppet p = meet_program(&t);
    for (int i = 0; i < 3; i++) {
        char what[64];
        get_limit(p.pid, kind[i].line, &r);
        snprintf(what, sizeof(what), "the program's %s, soft", kind[i].name);
        judge_int(j, what, (int64_t)t.order.limits[i].value,
                  (int64_t)r.rlim_cur);
        snprintf(what, sizeof(what), "the program's %s, hard", kind[i].name);
        judge_int(j, what, (int64_t)t.order.limits[i].value,
                  (int64_t)r.rlim_max);
    }
    tell(&p, PUPPET_EXIT, 0);
    returned(&t, 0);
    for (int i = 0; i < 3; i++) {
        get_limit(t.subject, kind[i].line, &r);
        judge_true(j, r.rlim_cur == before[i].rlim_cur &&
                   r.rlim_max == before[i].rlim_max,
                   "the caller's own limits stay", "its %s is %lld",
                   kind[i].name, (long long)r.rlim_cur);
    }
}

static void
clean_signals(struct judge *j)
{
    static const int some[] = {SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2,
                               SIGPIPE, SIGALRM, SIGQUIT};
    static const char *const sets[] = {"SigBlk", "SigIgn", "SigCgt"};
    static const char *const words[] = {"it blocked", "it ignored",
                                        "it handled"};
    struct test t;
    uint64_t before[3];
    plan(&t, j);
    int blocked = some[judge_range(j, 0, 3)];
    int ignored = some[judge_range(j, 4, 7)];
    // SIGCHLD, for whoever waits for it; and of the real-time signals the last.
    t.order.blocked = bit(blocked) | bit(SIGWINCH) | bit(SIGCHLD) |
                      bit((int)judge_range(j, 34, 64));
    t.order.ignored = bit(ignored) | bit(SIGTTOU) |
                      bit((int)judge_range(j, 34, 63)) | bit(64);
    judge_input(j, "the caller blocks %s, ignores %s",
                in_numbers(t.order.blocked), in_numbers(t.order.ignored));
    start_with(&t, NULL, 0, NULL);
    for (int i = 0; i < 3; i++)
        before[i] = signal_set(t.subject, sets[i]);
    go(&t);
    struct puppet p = meet_program(&t);
    judge_true(j, signal_set(p.pid, "SigBlk") == 0,
               "the program starts with an empty signal mask",
               "it blocks %s", in_numbers(signal_set(p.pid, "SigBlk")));
    judge_true(j, signal_set(p.pid, "SigIgn") == 0,
               "the program starts with default dispositions",
               "it ignores %s", in_numbers(signal_set(p.pid, "SigIgn")));
    tell(&p, PUPPET_EXIT, 0);
    returned(&t, 0);
    for (int i = 0; i < 3; i++)
        judge_true(j, signal_set(t.subject, sets[i]) == before[i],
                   "the caller's mask and dispositions are as before",
                   "%s %s, and now %s", words[i], in_numbers(before[i]),
                   in_numbers(signal_set(t.subject, sets[i])));
}

static void
session(struct judge *j)
{
    struct test t;
    char text[1024];
    int group = 0, sid = 0;
    plan(&t, j);
    start(&t);
    struct puppet p = meet_program(&t);
    if (read_proc(p.pid, "stat", text, sizeof(text)))
        sscanf(strrchr(text, ')'), ") %*c %*d %d %d", &group, &sid);
    judge_input(j, "a program with the number %d", (int)p.pid);
    judge_int(j, "its process group", p.pid, group);
    judge_int(j, "its session", p.pid, sid);
    tell(&p, PUPPET_EXIT, 0);
    returned(&t, 0);
}

// --------------------------------------------------- the tests: time and trees

// Start, or where the deadline was overtaken by the machine's load, start again
// with four times as much.
#define IN_TIME(t, first)            \
    do {                             \
        static jmp_buf late;         \
        (t)->late = &late;           \
        if (setjmp(late) == 0) {     \
            first(t);                \
        } else {                     \
            (t)->order.deadline_ms *= 4; \
            start_again(t);          \
        }                            \
    } while (0)
#define START_IN_TIME(t) IN_TIME(t, start)

static void
deadline(struct judge *j)
{
    static struct test t;
    plan(&t, j);
    t.order.deadline_ms = judge_range(j, 60, 90);
    judge_input(j, "a program that ignores signals and hangs; deadline_ms %lld",
                (long long)t.order.deadline_ms);
    START_IN_TIME(&t);
    struct puppet p = meet_program(&t);
    do_it(&t, &p, PUPPET_IGNORE, 0);
    in_time(&t);
    returned(&t, t.order.deadline_ms);
    must_be_dead(&t, &p, "the program");
    check_end(&t, SV_SIGNALLED, SIGKILL);
    check_flags(&t, true, false);
    check_wall(&t, t.order.deadline_ms);
}

// A deadline that is far away: what is tested comes before it.
enum { FAR_MS = 60000 };

// Give supervise() the time to return too early: until all is asleep, or, if
// it looks about again and again, for a while.
static void
tempt(struct test *t)
{
    uint64_t before = 0, moves;
    for (int quiet = 0, looks = 0; quiet < 3 && looks < 30; looks++) {
        struct pollfd fd = {.fd = t->channel, .events = POLLIN};
        if (poll(&fd, 1, 10) > 0)
            too_early(t, "supervise() waits for the descendants",
                      "it returned before they had ended");
        moves = moves_of(t);
        quiet = moves == before ? quiet + 1 : 0;
        before = moves;
    }
}

static void
waits_for_all(struct judge *j)
{
    struct test t;
    plan(&t, j);
    t.order.deadline_ms = FAR_MS;
    t.order.linger_ms = -1;
    int code = (int)judge_range(j, 1, 99);
    judge_input(j, "deadline_ms %d, linger_ms -1; a program that exits with "
                "%d; after that its child ends, then its grandchild", FAR_MS,
                code);
    start(&t);
    struct puppet p = meet_program(&t);
    struct puppet child = bear(&t, &p, PUPPET_FORK);
    struct puppet grandchild = bear(&t, &child, PUPPET_FORK);
    tell(&p, PUPPET_EXIT, code);
    mourn(&t, &p, "the program ends");
    tempt(&t);
    do_it(&t, &child, PUPPET_BURN, 1);  // alive, and let run
    tell(&child, PUPPET_EXIT, 0);
    mourn(&t, &child, "the child ends");
    tempt(&t);
    do_it(&t, &grandchild, PUPPET_BURN, 1);
    tell(&grandchild, PUPPET_EXIT, 0);
    returned(&t, 0);
    check_end(&t, SV_EXITED, code);
    check_flags(&t, false, false);
    check_strays(&t, 0);
}

// A program that leaves two children and exits; the deadline ends one that hangs
// and one that hangs, too, or `ticks`: forks an orphan every few ms.
static void
leave_children(struct test *t, void (*first)(struct test *), int code,
               bool ticks)
{
    IN_TIME(t, first);
    struct puppet p = meet_program(t);
    struct puppet a = bear(t, &p, PUPPET_FORK);
    struct puppet b = bear(t, &p, PUPPET_FORK);
    if (ticks)
        tell(&a, PUPPET_TICK, 0);
    tell(&p, PUPPET_EXIT, code);
    mourn(t, &p, "the program ends");
    in_time(t);
    returned(t, t->order.deadline_ms);
    must_be_dead(t, &a, "a child");
    must_be_dead(t, &b, "a child");
    check_end(t, SV_EXITED, code);
    check_flags(t, true, false);
    check_wall(t, t->order.deadline_ms);
}

static void
deadline_tree(struct judge *j)
{
    static struct test t;
    plan(&t, j);
    int code = (int)judge_range(j, 1, 99);
    t.order.deadline_ms = judge_range(j, 70, 100);
    t.order.linger_ms = -1;
    judge_input(j, "deadline_ms %lld, linger_ms -1; a program that leaves two "
                "children, which hang, and exits with %d",
                (long long)t.order.deadline_ms, code);
    leave_children(&t, start, code, false);

    // A deadline that each death puts off, or that ends with the program, is
    // none.
    t.order.linger_ms = FAR_MS;
    judge_input(j, "then linger_ms %d; a program that leaves two children, of "
                "which one hangs and one forks an orphan every few ms, which "
                "ends at once", FAR_MS);
    leave_children(&t, start_again, code, true);
}

// Once: how long the child outlived the program, in ms.
static int64_t
linger_once(struct test *t, int code, bool ticks)
{
    struct puppet p = meet_program(t);
    struct puppet child = bear(t, &p, PUPPET_FORK);
    if (ticks)
        tell(&child, PUPPET_TICK, 0);
    // Longer than linger_ms: whoever counts from the start kills at once.
    do_it(t, &p, PUPPET_BURN, 20);
    while (now_ms() <= t->called + t->order.linger_ms)
        poll(NULL, 0, 5);
    int64_t ended = now_ms();
    tell(&p, PUPPET_EXIT, code);
    mourn(t, &p, "the program ends");
    t->called = now_ms();
    returned(t, t->order.linger_ms);
    int64_t lingered = now_ms() - ended;
    must_be_dead(t, &child, "the child");
    check_end(t, SV_EXITED, code);
    check_flags(t, false, false);
    judge_true(t->j, lingered >= t->order.linger_ms, "the child may outlive "
               "the program by linger_ms", "it was killed after %lld ms",
               (long long)lingered);
    return lingered;
}

static void
lingers(struct judge *j)
{
    struct test t;
    plan(&t, j);
    int code = (int)judge_range(j, 1, 99);
    t.order.deadline_ms = FAR_MS;
    t.order.linger_ms = judge_range(j, 50, 80);
    judge_input(j, "deadline_ms %d, linger_ms %lld; a program that leaves a "
                "child, which hangs, and exits with %d", FAR_MS,
                (long long)t.order.linger_ms, code);
    start(&t);
    // A machine that is late by as much as linger_ms hides who does not wait:
    // once more then.
    for (int i = 0; linger_once(&t, code, false) > t.order.linger_ms + 15 &&
                    i < 5; i++)
        start_again(&t);
    judge_input(j, "then one whose child forks an orphan every few ms, which "
                "ends at once");
    start_again(&t);
    linger_once(&t, code, true);
    t.order.linger_ms = FAR_MS / 2;
    judge_input(j, "then linger_ms %d; one whose child ends after it",
                FAR_MS / 2);
    start_again(&t);
    struct puppet p = meet_program(&t);
    struct puppet child = bear(&t, &p, PUPPET_FORK);
    tell(&p, PUPPET_EXIT, code);
    mourn(&t, &p, "the program ends");
    tell(&child, PUPPET_EXIT, 0);
    returned(&t, 0);
    check_end(&t, SV_EXITED, code);
    check_flags(&t, false, false);
}

static void
daemons(struct judge *j)
{
    struct test t;
    plan(&t, j);
    int code = (int)judge_range(j, 1, 99);
    t.order.deadline_ms = FAR_MS;
    judge_input(j, "linger_ms 0; a program that starts two daemons (fork, "
                "setsid, fork, exit) and exits with %d", code);
    start(&t);
    struct puppet p = meet_program(&t);
    struct puppet a = bear(&t, &p, PUPPET_DAEMON);
    struct puppet b = bear(&t, &a, PUPPET_DAEMON);
    do_it(&t, &a, PUPPET_IGNORE, 0);
    tell(&p, PUPPET_EXIT, code);
    returned(&t, 0);
    must_be_dead(&t, &a, "a daemon");
    must_be_dead(&t, &b, "a daemon's daemon");
    check_end(&t, SV_EXITED, code);
    check_flags(&t, false, false);
}

static void
strays(struct judge *j)
{
    struct test t;
    plan(&t, j);
    int n = (int)judge_range(j, 2, 5);
    t.order.deadline_ms = FAR_MS;
    judge_input(j, "linger_ms 0; a program that leaves %d children alive, one "
                "of them a daemon, one's second thread forked another, and one "
                "zombie", n);
    start(&t);
    struct puppet p = meet_program(&t);
    struct puppet first = bear(&t, &p, PUPPET_FORK);
    for (int i = 2; i < n; i++)
        bear(&t, &p, PUPPET_FORK);
    bear(&t, &p, PUPPET_DAEMON);
    bear(&t, &first, PUPPET_THREAD);
    struct puppet zombie = bear(&t, &first, PUPPET_FORK);
    tell(&zombie, PUPPET_EXIT, 0);
    mourn(&t, &zombie, "the zombie ends");
    tell(&p, PUPPET_EXIT, 0);
    returned(&t, 0);
    check_strays(&t, n + 1);
    judge_input(j, "then one that leaves nobody");
    start_again(&t);
    p = meet_program(&t);
    tell(&p, PUPPET_EXIT, 0);
    returned(&t, 0);
    check_strays(&t, 0);
}

// ----------------------------------------------------- the tests: the caller's

static void
storm(struct judge *j)
{
    static struct test t;
    plan(&t, j);
    t.order.deadline_ms = judge_range(j, 70, 100);
    t.order.circumstances = STORM;
    judge_input(j, "a timer of the caller's every 3 ms; deadline_ms %lld; a "
                "program that hangs", (long long)t.order.deadline_ms);
    START_IN_TIME(&t);
    struct puppet p = meet_program(&t);
    in_time(&t);
    returned(&t, t.order.deadline_ms);
    must_be_dead(&t, &p, "the program");
    check_end(&t, SV_SIGNALLED, SIGKILL);
    check_flags(&t, true, false);
    check_wall(&t, t.order.deadline_ms);
    judge_int(j, "the interval of the caller's timer afterwards, in us", 3000,
              t.answer.timer_us);
    judge_true(j, t.answer.storms > 0, "the caller's handler is called "
               "meanwhile", "it was not called once");
    int code = (int)judge_range(j, 1, 99);
    t.order.deadline_ms = FAR_MS;
    judge_input(j, "then a program that exits with %d after a while", code);
    start_again(&t);
    p = meet_program(&t);
    do_it(&t, &p, PUPPET_BURN, 20);
    tell(&p, PUPPET_EXIT, code);
    returned(&t, 0);
    check_end(&t, SV_EXITED, code);
    check_flags(&t, false, false);
}

static void
sigchld_ignored(struct judge *j)
{
    struct test t;
    plan(&t, j);
    int code = (int)judge_range(j, 1, 99);
    t.order.circumstances = IGNORE_SIGCHLD;
    t.order.deadline_ms = FAR_MS;
    judge_input(j, "the caller ignores SIGCHLD; a program that exits with %d",
                code);
    start(&t);
    struct puppet p = meet_program(&t);
    tell(&p, PUPPET_EXIT, code);
    returned(&t, 0);
    check_end(&t, SV_EXITED, code);
    judge_true(j, signal_set(t.subject, "SigIgn") & bit(SIGCHLD),
               "the caller still ignores SIGCHLD", "it does not");
    judge_input(j, "then one that kills itself with signal %d", SIGUSR2);
    start_again(&t);
    p = meet_program(&t);
    tell(&p, PUPPET_RAISE, SIGUSR2);
    returned(&t, 0);
    check_end(&t, SV_SIGNALLED, SIGUSR2);
}

static int
first_of(pid_t pid, void *arg)
{
    *(pid_t *)arg = pid;
    return 1;
}

// Have one of the caller's other children fork, now: its child is younger than
// what supervise() has started, so no range of numbers tells them apart.
static pid_t
younger_other(struct test *t)
{
    pid_t parent = 0, younger = 0;
    for (int i = 0; i < t->nothers && !parent; i++)
        if (t->others[i].alive)
            parent = t->others[i].pid;
    kill(parent, SIGUSR1);
    while (is_alive(parent) && !proc_walk(parent, first_of, &younger))
        poll(NULL, 0, 1);
    return younger;
}

static void
other_children(struct judge *j)
{
    struct test t;
    plan(&t, j);
    t.order.others = (int)judge_range(j, 4, OTHERS);
    t.order.deadline_ms = FAR_MS;
    judge_input(j, "a caller with %d other children, each second one dead but "
                "not yet waited for; a program that leaves two alive",
                t.order.others);
    start_with(&t, NULL, 0, NULL);
    go(&t);
    struct puppet p = meet_program(&t);
    struct puppet a = bear(&t, &p, PUPPET_FORK);
    struct puppet b = bear(&t, &p, PUPPET_DAEMON);
    pid_t younger = younger_other(&t);
    tell(&p, PUPPET_EXIT, 7);
    returned(&t, 0);
    check_end(&t, SV_EXITED, 7);
    judge_true(j, younger && is_alive(younger) && !is_stopped(younger),
               "a child of one of the caller's other children, forked "
               "meanwhile, lives on", "it was killed or stopped");
    must_be_dead(&t, &a, "a child of the program");
    must_be_dead(&t, &b, "a daemon of the program");
}

static int
count_alive(pid_t pid, void *arg)
{
    *(int *)arg += is_alive(pid);
    return 0;
}

static void
nothing_left(struct test *t, const char *fds, int subreaper)
{
    char now[512];
    list_fds(t->subject, -1, now, sizeof(now));
    judge_str(t->j, "the list of the caller's descriptors afterwards", fds,
              now);
    judge_int(t->j, "number of the caller's children (zombies among them) "
              "afterwards, besides a bystander", 0,
              proc_use(t->subject, 0).processes - (unsigned)t->nothers);
    int alive = 0;
    if (judge_isolated())
        proc_walk((pid_t)status_number(t->subject, "PPid"), count_alive,
                  &alive);
    judge_true(t->j, alive <= 2, "no process in the whole cell afterwards but "
               "the caller and a bystander", "%d more", alive - 2);
    judge_int(t->j, "PR_GET_CHILD_SUBREAPER afterwards", subreaper,
              t->answer.subreaper);
}

static void
leaves_nothing(struct judge *j)
{
    struct test t;
    char fds[512], code[8];
    plan(&t, j);
    snprintf(code, sizeof(code), "%d", (int)judge_range(j, 1, 99));
    snprintf(t.order.argv[1], TEXT, "exit");
    snprintf(t.order.argv[2], TEXT, "%s", code);
    t.order.times = 25;
    judge_input(j, "25 times a program that exits with %s", code);
    start_with(&t, NULL, 0, NULL);
    list_fds(t.subject, -1, fds, sizeof(fds));
    go(&t);
    returned(&t, 0);
    check_end(&t, SV_EXITED, atoi(code));
    nothing_left(&t, fds, 0);

    judge_input(j, "25 times a program that is not there");
    char *path = t.order.argv[0];
    path[strlen(path) - 1] = 'x';
    start_again(&t);
    returned(&t, 0);
    nothing_left(&t, fds, 0);

    judge_input(j, "a program that leaves a child and a daemon");
    path[strlen(path) - 1] = 't';
    t.order.times = 1;
    snprintf(t.order.argv[1], TEXT, "%s", t.path);
    snprintf(t.order.argv[2], TEXT, "%s", t.token);
    start_again(&t);
    struct puppet p = meet_program(&t);
    bear(&t, &p, PUPPET_FORK);
    bear(&t, &p, PUPPET_DAEMON);
    tell(&p, PUPPET_EXIT, 0);
    returned(&t, 0);
    nothing_left(&t, fds, 0);

    // From here on whether it had a core at all does not matter.
    t.order.deadline_ms = 40;
    t.order.circumstances = SUBREAPER;
    judge_input(j, "deadline_ms 40, a program that hangs; the caller is a "
                "subreaper already");
    start_again(&t);
    returned(&t, t.order.deadline_ms);
    nothing_left(&t, fds, 1);

    t.order.deadline_ms = FAR_MS;
    t.order.watch_ms = 2;
    t.order.watch_calls = 3;
    judge_input(j, "then a watch that wants the end");
    start_again(&t);
    judge_send(j, t.cell, t.channel, "c", 1);
    returned(&t, 0);
    nothing_left(&t, fds, 1);
}

// What lies between the caller and the program: the nearest to the program
// first.
static size_t
between(const struct test *t, const struct puppet *p, pid_t *pid, size_t most)
{
    size_t n = 0;
    pid_t up = p->pid;
    while (n < most && (up = (pid_t)status_number(up, "PPid")) > 1 &&
           up != t->subject)
        pid[n++] = up;
    return up == t->subject ? n : 0;
}

static void
supervisor_killed(struct judge *j)
{
    struct test t;
    char fds[512];
    pid_t above[4];
    plan(&t, j);
    t.order.others = 2;
    t.order.deadline_ms = FAR_MS;
    judge_input(j, "a program that leaves a child and a daemon; the daemon "
                "kills every process between the caller and the program");
    start_with(&t, NULL, 0, NULL);
    list_fds(t.subject, -1, fds, sizeof(fds));
    go(&t);
    struct puppet p = meet_program(&t);
    struct puppet child = bear(&t, &p, PUPPET_FORK);
    struct puppet daemon = bear(&t, &child, PUPPET_DAEMON);
    struct puppet another = bear(&t, &daemon, PUPPET_DAEMON);
    do_it(&t, &another, PUPPET_IGNORE, 0);
    size_t n = between(&t, &p, above, 4);
    for (size_t i = 0; i < n; i++)
        tell(&daemon, PUPPET_KILL, inner_pid(above[i]));
    if (n == 0)  // who does without has less to fear
        tell(&p, PUPPET_EXIT, 0);
    if (!t.answered) {
        await(&t, t.channel, 0, "supervise() returns when its supervisor has "
              "been killed");
        take_answer(&t);
    }
    judge_true(j, t.answer.returned <= 0, "supervise() returns 0 or -errno",
               "%d", t.answer.returned);
    if (t.answer.returned == 0 && n > 0)
        judge_str(j, "if supervise() returns 0, result.end",
                  end_names[SV_SIGNALLED],
                  (unsigned)t.answer.result.end <= SV_SIGNALLED
                      ? end_names[t.answer.result.end] : "not set");
    must_be_dead(&t, &p, "the program");
    must_be_dead(&t, &child, "its child");
    must_be_dead(&t, &daemon, "the daemon");
    must_be_dead(&t, &another, "the daemon's daemon");
    check_others(&t);
    nothing_left(&t, fds, 0);
    int code = (int)judge_range(j, 1, 99);
    judge_input(j, "then one that exits with %d", code);
    start_again(&t);
    p = meet_program(&t);
    tell(&p, PUPPET_EXIT, code);
    returned(&t, 0);
    check_end(&t, SV_EXITED, code);
}

static int64_t
cpu_us(const struct rusage *u)
{
    return (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000 +
           u->ru_utime.tv_usec + u->ru_stime.tv_usec;
}

static void
usage(struct judge *j)
{
    struct test t;
    int ms[3];
    plan(&t, j);
    for (int i = 0; i < 3; i++)
        ms[i] = (int)judge_range(j, 15, 30);
    t.order.deadline_ms = FAR_MS;
    t.order.linger_ms = -1;
    t.order.burnt_ms = 120;
    judge_input(j, "a program that uses %d ms of CPU time, its child %d ms, a "
                "daemon %d ms; another child of the caller's used 120 ms "
                "before", ms[0], ms[1], ms[2]);
    start(&t);
    struct puppet p = meet_program(&t);
    struct puppet child = bear(&t, &p, PUPPET_FORK);
    struct puppet daemon = bear(&t, &child, PUPPET_DAEMON);
    int64_t used = do_it(&t, &p, PUPPET_BURN, ms[0]);
    used += do_it(&t, &child, PUPPET_BURN, ms[1]);
    used += do_it(&t, &daemon, PUPPET_BURN, ms[2]);
    tell(&p, PUPPET_EXIT, 0);
    mourn(&t, &p, "the program ends");
    tell(&child, PUPPET_EXIT, 0);
    tell(&daemon, PUPPET_EXIT, 0);
    returned(&t, 0);
    judge_between(j, "user and system time of result.usage, in ms",
                  used / 1000 - 5, used / 1000 + 80,
                  cpu_us(&t.answer.result.usage) / 1000);
    judge_true(j, t.answer.result.usage.ru_maxrss > 0,
               "result.usage.ru_maxrss is more than 0", "%ld",
               t.answer.result.usage.ru_maxrss);
}

static bool
watched_too_often(const struct test *t)
{
    return t->answer.watch_us <
           INT64_C(500) * t->order.watch_ms * (t->order.watch_calls - 1);
}

static void
watched(struct judge *j)
{
    struct test t;
    plan(&t, j);
    t.order.watch_ms = (int)judge_range(j, 4, 8);
    t.order.watch_calls = (int)judge_range(j, 8, 12);
    judge_input(j, "a program with a daemon, which hang; a watch every %d ms "
                "that wants the end after %d calls", t.order.watch_ms,
                t.order.watch_calls);
    start_with(&t, NULL, 0, NULL);
    int self = inner_pid(t.subject);
    go(&t);
    struct puppet p = meet_program(&t);
    struct puppet daemon = bear(&t, &p, PUPPET_DAEMON);
    int parent = inner_pid((pid_t)status_number(p.pid, "PPid"));
    judge_send(j, t.cell, t.channel, "c", 1);
    t.called = now_ms();
    returned(&t, t.order.watch_ms * t.order.watch_calls);
    must_be_dead(&t, &p, "the program");
    must_be_dead(&t, &daemon, "its daemon");
    check_strays(&t, 1);
    check_end(&t, SV_SIGNALLED, SIGKILL);
    check_flags(&t, false, true);
    judge_int(j, "number of calls that the watch counted", t.order.watch_calls,
              t.answer.watch_calls);
    judge_int(j, "the process that calls the watch", self, t.answer.watch_in);
    judge_int(j, "the watch's argument `supervisor`", parent,
              t.answer.watch_pid);

    // Whoever makes up for calls that were late may call quickly, on a loaded
    // machine; not three times in a row.
    for (int i = 0; i < 2 && watched_too_often(&t); i++) {
        start_again(&t);
        p = meet_program(&t);
        judge_send(j, t.cell, t.channel, "c", 1);
        t.called = now_ms();
        returned(&t, t.order.watch_ms * t.order.watch_calls);
    }
    judge_true(j, !watched_too_often(&t), "watch_ms between two calls of the "
               "watch, about", "%d calls in %lld us", t.answer.watch_calls,
               (long long)t.answer.watch_us);

    t.order.circumstances = STORM;
    t.order.watch_calls = 3;
    judge_input(j, "then a timer of the caller's every 3 ms as well, and the "
                "end after 3 calls");
    start_again(&t);
    p = meet_program(&t);
    judge_send(j, t.cell, t.channel, "c", 1);
    t.called = now_ms();
    returned(&t, t.order.watch_ms * t.order.watch_calls);
    must_be_dead(&t, &p, "the program");
    check_flags(&t, false, true);
}

// ------------------------------------------------------- the tests that hide

// It was told to stop: until it has, or the deadline has come.
static void
see_it_stop(const struct test *t, const struct puppet *p)
{
    while (now_ms() - t->called < t->order.deadline_ms && is_alive(p->pid) &&
           !strchr("Tt", state_of(p->pid)))
        poll(NULL, 0, 1);
}

static void
stopped(struct judge *j)
{
    static struct test t;
    plan(&t, j);
    t.order.deadline_ms = judge_range(j, 70, 100);
    judge_input(j, "deadline_ms %lld; a program and its child that stop "
                "themselves", (long long)t.order.deadline_ms);
    START_IN_TIME(&t);
    struct puppet p = meet_program(&t);
    struct puppet child = bear(&t, &p, PUPPET_FORK);
    tell(&child, PUPPET_STOP, 0);
    see_it_stop(&t, &child);
    tell(&p, PUPPET_STOP, 0);
    see_it_stop(&t, &p);
    in_time(&t);
    returned(&t, t.order.deadline_ms);
    must_be_dead(&t, &p, "the program");
    must_be_dead(&t, &child, "its child");
    check_end(&t, SV_SIGNALLED, SIGKILL);
    check_flags(&t, true, false);
    check_strays(&t, 1);
}

// All that have the puppet's connection open are gone.
static void
must_be_closed(struct test *t, const struct puppet *p)
{
    struct pollfd fd = {.fd = p->fd, .events = POLLIN};
    judge_true(t->j, poll(&fd, 1, 0) == 1 && (fd.revents & POLLHUP),
               "no process of the tree is left when supervise() returns",
               "some descendant was alive");
}

static void
many_children(struct judge *j)
{
    struct test t;
    struct cell_spec large = {.processes = 260, .memory = 512u << 20,
                              .wall_ms = 20000};
    plan(&t, j);
    int n = (int)judge_range(j, 190, 210);
    t.order.deadline_ms = FAR_MS;
    judge_input(j, "linger_ms 0; a program that leaves %d children alive", n);
    start_with(&t, NULL, 0, &large);
    go(&t);
    struct puppet p = meet_program(&t);
    do_it(&t, &p, PUPPET_MANY, n);
    tell(&p, PUPPET_EXIT, 3);
    returned(&t, 0);
    check_end(&t, SV_EXITED, 3);
    must_be_closed(&t, &p);
    check_strays(&t, n);
}

static void
deep(struct judge *j)
{
    struct test t;
    plan(&t, j);
    int n = (int)judge_range(j, 30, 40);
    t.order.deadline_ms = FAR_MS;
    judge_input(j, "linger_ms 0; a program that leaves %d generations alive, "
                "each a child of the one before", n);
    start(&t);
    struct puppet p = meet_program(&t);
    struct puppet child = bear(&t, &p, PUPPET_FORK);
    do_it(&t, &child, PUPPET_DEEP, n - 1);
    tell(&p, PUPPET_EXIT, 0);
    returned(&t, 0);
    must_be_closed(&t, &child);
    check_strays(&t, n);
}

static void
hare(struct judge *j)
{
    struct test t;
    // Its dead count until they are reaped, and may be many meanwhile.
    struct cell_spec large = {.processes = 4000};
    plan(&t, j);
    t.order.deadline_ms = FAR_MS;
    judge_input(j, "linger_ms 0; a program that leaves a descendant which "
                "forks and exits, forks and exits, without end");
    start_with(&t, NULL, 0, &large);
    go(&t);
    // Whoever kills by an old list gets a hare that had no core meanwhile; not
    // so many times in a row.
    for (int i = 0; i < 6; i++) {
        if (i > 0)
            start_again(&t);
        struct puppet p = meet_program(&t);
        struct puppet child = bear(&t, &p, PUPPET_DAEMON);
        tell(&child, PUPPET_HARE, 0);
        mourn(&t, &child, "it runs away");
        tell(&p, PUPPET_EXIT, 5);
        returned(&t, 0);
        check_end(&t, SV_EXITED, 5);
        must_be_closed(&t, &child);
    }
}

int
main(int argc, char **argv)
{
    static const struct judge_test tests[] = {
        {"starts", starts},
        {"exit-status", exit_status},
        {"signal", ends_by_signal},
        {"not-started", not_started},
        {"descriptors", descriptors},
        {"closed", others_closed},
        {"limits", limits},
        {"session", session},
        {"clean-signals", clean_signals},
        {"deadline", deadline},
        {"waits-for-all", waits_for_all},
        {"deadline-tree", deadline_tree},
        {"linger", lingers},
        {"daemon", daemons},
        {"strays", strays},
        {"eintr", storm},
        {"sigchld-ignored", sigchld_ignored},
        {"other-children", other_children},
        {"leaves-nothing", leaves_nothing},
        {"supervisor-killed", supervisor_killed},
        {"usage", usage},
        {"watch", watched},
        {"stopped", stopped},
        {"many-children", many_children},
        {"deep", deep},
        {"hare", hare},
    };
    JUDGE_MAIN(argc, argv, tests);
}
