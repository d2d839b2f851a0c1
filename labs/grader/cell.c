// SPDX-License-Identifier: MIT
// cell.c -- run a program that nobody trusts, apart from everything; cell.h.
//
// Who is whose parent:
//
//     caller -- runner -- supervisor -- bwrap -- cell-run -- the program
//               (1)        (2)         (3)       (4)
//
// (1) calls supervise() and keeps watch over memory and processes, so that the
// caller stays free to talk to the program; (2) is supervise()'s own process;
// (3) makes the namespaces; (4) is pid 1 in there.  Killing (3) kills (4), and
// with pid 1 the kernel kills all that is in the cell.
#include "cell.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cell-run.h"
#include "filter.h"
#include "proc.h"
#include "text.h"

enum {
    FD_OWN = 200,          // the numbers of the cell's own descriptors
    WATCH_MS = 10,
    CELL_UID = 1879048192, // where root starts a cell: 0x70000000 + some bits
};

// What the runner has to say when the tree is gone.
struct runner_word {
    int error;             // of supervise(), an errno
    struct sv_result run;  // of bubblewrap, not of the program
    enum judge_kind bound; // the bound that ended it, or JUDGE_PASS
    size_t most;           // bytes seen when it did
};

struct cell {
    struct cell_limits limits;
    pid_t runner;
    int word, status, cancel, output;
    char *text;            // of cell_output
    char *root;            // directory, where the cell is not isolated
    char *debugged;        // the program's file, where gdb has it
    pid_t inner, pid;      // the program's pid in the cell, and here
    bool started, over, broken;
    int missing;           // the descriptor whose file was not there, or -1
    struct cell_report last;
    struct cell_end end;
};

static char *run_path;
static int isolated = -1;
static char why_not[256];

// ------------------------------------------------------------ argument lists

// A growing, NULL-terminated list of strings that it owns.
struct list {
    char **at;
    size_t n, room;
};

static void
add(struct list *l, const char *fmt, ...)
{
    if (l->n + 2 > l->room) {
        l->room = l->room ? 2 * l->room : 64;
        l->at = xrealloc(l->at, l->room * sizeof *l->at);
    }
    va_list ap;
    va_start(ap, fmt);
    l->at[l->n++] = xvasprintf(fmt, ap);
    l->at[l->n] = NULL;
    va_end(ap);
}

static void
add_all(struct list *l, const char *const *words)
{
    for (; *words; words++)
        add(l, "%s", *words);
}

static void
list_free(struct list *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->at[i]);
    free(l->at);
}

// The descriptors of a cell: the caller's pairs, and its own above FD_OWN.
struct fds {
    struct sv_fd at[256];
    size_t n;
    int next;
};

static void
fd_add(struct fds *f, int child, int parent)
{
    if (f->n == sizeof f->at / sizeof f->at[0])
        die("a cell with more than %zu descriptors", f->n);
    f->at[f->n++] = (struct sv_fd){child, parent};
}

static int
fd_own(struct fds *f, int parent)
{
    fd_add(f, FD_OWN + f->next, parent);
    return FD_OWN + f->next++;
}

// --------------------------------------------------------- the isolated cell

// CELL_BWRAP is for tests: a name that is not there shows what happens then.
static const char *
bwrap(void)
{
    const char *other = getenv("CELL_BWRAP");
    return other ? other : "/usr/bin/bwrap";
}

// Directories at the top: /usr, and those that are links into it today.
static void
add_system(struct list *l)
{
    static const char *const merged[] = {"/bin", "/sbin", "/lib", "/lib64",
                                         "/lib32", NULL};
    add_all(l, (const char *[]){"--ro-bind", "/usr", "/usr", NULL});
    for (const char *const *m = merged; *m; m++) {
        struct stat st;
        char to[PATH_MAX];
        ssize_t n;
        if (lstat(*m, &st) < 0)
            continue;
        if (S_ISLNK(st.st_mode) && (n = readlink(*m, to, sizeof to - 1)) > 0) {
            to[n] = '\0';
            add(l, "--symlink"), add(l, "%s", to), add(l, "%s", *m);
        } else {
            add(l, "--ro-bind"), add(l, "%s", *m), add(l, "%s", *m);
        }
    }
    add_all(l, (const char *[]){"--ro-bind-try", "/etc/ld.so.cache",
                                "/etc/ld.so.cache", "--ro-bind-try",
                                "/etc/alternatives", "/etc/alternatives",
                                NULL});
}

// A checkout below /usr would be seen with everything in it.
static void
hide_checkout(struct list *l)
{
    char *here = realpath(".", NULL);
    if (here && strncmp(here, "/usr/", 5) == 0)
        add(l, "--tmpfs"), add(l, "%s", here);
    free(here);
}

static void
add_bwrap(struct list *l, struct fds *fds, const struct cell_plan *plan)
{
    add_all(l, (const char *[]){
                   bwrap(), "--unshare-user", "--unshare-ipc",
                   "--unshare-pid", "--unshare-net", "--unshare-uts",
                   "--unshare-cgroup-try", "--disable-userns", "--as-pid-1",
                   "--die-with-parent", "--hostname", "cell", "--uid", "1000",
                   "--gid", "1000", "--cap-drop", "ALL", "--clearenv",
                   "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME",
                   "/tmp", "--setenv", "LC_ALL", "C.UTF-8", "--setenv", "SRC",
                   "/src", "--setenv", "PARTS", "/parts", "--setenv", "BUILT",
                   "/built", NULL});
    add_system(l);
    hide_checkout(l);
    add_all(l, (const char *[]){"--proc", "/proc", "--dev", "/dev", "--size",
                                "67108864", "--tmpfs", "/tmp", "--size",
                                "16777216", "--tmpfs", "/dev/shm", "--dir",
                                "/src", "--dir", "/parts", "--dir", "/built",
                                NULL});
    for (size_t i = 0; i < plan->nfiles; i++) {
        int fd = open(plan->files[i].path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            die("%s: %s", plan->files[i].path, strerror(errno));
        add(l, "--perms"), add(l, "0555"), add(l, "--ro-bind-data");
        add(l, "%d", fd_own(fds, fd)), add(l, "%s", plan->files[i].inside);
    }
    for (const char *const *b = plan->binds; b && *b; b += 2)
        add(l, "--ro-bind"), add(l, "%s", b[0]), add(l, "%s", b[1]);
    for (const char *const *b = plan->binds_rw; b && *b; b += 2)
        add(l, "--bind"), add(l, "%s", b[0]), add(l, "%s", b[1]);
    int fd = open(run_path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        die("%s: %s", run_path, strerror(errno));
    add(l, "--perms"), add(l, "0555"), add(l, "--ro-bind-data");
    add(l, "%d", fd_own(fds, fd)), add(l, "/cell-run");
    int filter = filter_open();
    if (filter < 0)
        die("cannot make a filter: %s", strerror(errno));
    add(l, "--seccomp"), add(l, "%d", fd_own(fds, filter));
    add_all(l, (const char *[]){"--remount-ro", "/dev", "--remount-ro", "/",
                                "--chdir", "/tmp", "--", "/cell-run", NULL});
}

// ----------------------------------------------------- where there is no bwrap

static void
copy_file(const char *from, const char *to)
{
    char buf[1 << 16];
    ssize_t n;
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0555);
    if (in < 0 || out < 0)
        die("cannot copy %s to %s: %s", from, to, strerror(errno));
    while ((n = read(in, buf, sizeof buf)) > 0)
        if (write(out, buf, (size_t)n) != n)
            die("cannot write %s: %s", to, strerror(errno));
    close(in), close(out);
}

static void
link_binds(const char *root, const char *const *binds)
{
    for (; binds && *binds; binds += 2) {
        char *at = xasprintf("%s%s", root, binds[1]);
        char *to = realpath(binds[0], NULL);
        if (!to || symlink(to, at) < 0)
            die("cannot link %s to %s: %s", at, binds[0], strerror(errno));
        free(at), free(to);
    }
}

// A directory with what a cell would have, for a program that is not isolated.
static char *
make_root(const struct cell_plan *plan, uid_t uid)
{
    char *root = xasprintf("%s/cell.XXXXXX", temporary_dir());
    if (!mkdtemp(root) || chmod(root, 0755) < 0)
        die("cannot make %s: %s", root, strerror(errno));
    static const char *const dirs[] = {"src", "parts", "built", "tmp", NULL};
    for (const char *const *d = dirs; *d; d++) {
        char *dir = xasprintf("%s/%s", root, *d);
        if (mkdir(dir, 0755) < 0 || (uid && chown(dir, uid, uid) < 0))
            die("cannot make %s: %s", dir, strerror(errno));
        free(dir);
    }
    for (size_t i = 0; i < plan->nfiles; i++) {
        char *to = xasprintf("%s%s", root, plan->files[i].inside);
        copy_file(plan->files[i].path, to);
        free(to);
    }
    char *run = xasprintf("%s/cell-run", root);
    copy_file(run_path, run);
    free(run);
    link_binds(root, plan->binds);
    link_binds(root, plan->binds_rw);
    return root;
}

static void
add_plain(struct list *l, const char *root)
{
    add(l, "/usr/bin/env"), add(l, "-i"), add(l, "PATH=/usr/bin:/bin");
    add(l, "HOME=%s/tmp", root), add(l, "LC_ALL=C.UTF-8");
    add(l, "SRC=%s/src", root), add(l, "PARTS=%s/parts", root);
    add(l, "BUILT=%s/built", root), add(l, "%s/cell-run", root);
}

// A path as the program of a cell without isolation has to say it: what lies
// below the cell's directory is meant there, all else is this machine's.
static char *
translate(const char *root, const char *path)
{
    if (!root || path[0] != '/')
        return xasprintf("%s", path);
    char *moved = xasprintf("%s%s", root, path);
    char *end = strchr(moved + strlen(root) + 1, '/');
    struct stat st;
    if (end)
        *end = '\0';  // "ROOT/built" of "ROOT/built/subject"
    bool ours = lstat(moved, &st) == 0;
    if (end)
        *end = '/';
    if (ours)
        return moved;
    free(moved);
    return xasprintf("%s", path);
}

// -------------------------------------------------------------- the processes

// A user whom nobody is, for what root runs: one a process that asks, so that
// limits on a user's processes are not shared.  0 where this is not root.
static uid_t
nobody(void)
{
    return geteuid() ? 0 : CELL_UID + ((uid_t)getpid() & 0xffffff);
}

static void
add_inner(struct list *l, struct fds *fds, const struct cell_plan *plan,
          int status)
{
    const struct cell_limits *m = &plan->limits;
    // cell-run, and one more than is allowed, so that it is seen (watch)
    unsigned processes = m->processes + 2;
    if (isolated != 1 && geteuid() != 0)  // counted with all that the user runs
        processes += proc_count_user(geteuid());
    add(l, "inner"), add(l, "%d", fd_own(fds, status));
    add(l, "%lld", (long long)(m->cpu_ms + 999) / 1000);
    add(l, "%zu", 4 * m->memory + ((size_t)1 << 30));
    add(l, "%zu", m->output > (16u << 20) ? m->output : 16u << 20);
    add(l, "256"), add(l, "%u", processes);
    for (size_t i = 0; i < plan->nemits; i++) {
        add(l, "emit"), add(l, "%d", fd_own(fds, plan->emits[i].fd));
        add(l, "%s", plan->emits[i].name);
    }
    add(l, "--");
}

struct watch {
    const struct cell_limits *limits;
    int cancel, output;
    unsigned ours;  // processes in the tree that are not the program's
    struct fds *fds;
    struct runner_word *word;
};

// The runner inherited the caller's end of nothing, but the program's ends of
// every channel.  It closes them once the program has its own, so that a
// channel which the program closes is seen to be closed.
static void
close_channels(struct fds *fds, int output)
{
    for (size_t i = 0; i < fds->n; i++)
        if (fds->at[i].parent != output)
            close(fds->at[i].parent);
    fds->n = 0;
}

// Called by supervise() every WATCH_MS: has a bound been passed?
static int
watch(void *arg, int supervisor)
{
    struct watch *w = arg;
    close_channels(w->fds, w->output);
    struct pollfd cancel = {w->cancel, POLLIN, 0};
    if (poll(&cancel, 1, 0) > 0)
        return 1;
    struct stat st;
    if (fstat(w->output, &st) == 0 && (size_t)st.st_size > w->limits->output) {
        w->word->bound = JUDGE_OUTPUT;
        return 1;
    }
    struct proc_use use = proc_use(supervisor, 0);
    if (use.processes > w->limits->processes + w->ours) {
        w->word->bound = JUDGE_PROCESSES;
        return 1;
    }
    if (use.bytes > w->limits->memory &&
        (use = proc_use(supervisor, 1)).bytes > w->limits->memory) {
        w->word->bound = JUDGE_MEMORY;
        w->word->most = use.bytes;
        return 1;
    }
    return 0;
}

static _Noreturn void
runner(const struct cell *c, struct list *argv, struct fds *fds, int word,
       int cancel)
{
    struct runner_word out = {.bound = JUDGE_PASS};
    struct watch w = {&c->limits, cancel, c->output, c->root ? 1 : 2, fds,
                      &out};  // cell-run, and bwrap
    struct sv_spec spec = {
        .argv = argv->at,
        .fds = fds->at,
        .nfds = fds->n,
        .deadline_ms = c->limits.wall_ms,
        .watch = watch,
        .watch_arg = &w,
        .watch_ms = WATCH_MS,
    };
    out.error = -supervise(&spec, &out.run);
    if (write(word, &out, sizeof out) != sizeof out)
        _exit(1);
    _exit(0);
}

static int
kill_one(pid_t pid, void *arg)
{
    (void)arg;
    kill(pid, SIGKILL);
    return 0;
}

// What gdb let go of is ours now (a subreaper's): nothing of it is to stay.
static void
clear_away(void)
{
    do
        proc_walk(getpid(), kill_one, NULL);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR);
}

// The program under gdb, which has the terminal; no bounds, no isolation.
static _Noreturn void
debugger(struct list *argv, const struct fds *fds, int word)
{
    struct runner_word out = {.bound = JUDGE_PASS};
    int status = 0;
    signal(SIGINT, SIG_IGN);  // the terminal's ^C is for gdb
    signal(SIGHUP, SIG_IGN);  // its end, too: we clear away after gdb
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t pid = fork();
    if (pid == 0) {
        int high[256];
        signal(SIGINT, SIG_DFL);
        signal(SIGHUP, SIG_DFL);
        signal(SIGPIPE, SIG_DFL);  // the judge ignores it
        for (size_t i = 0; i < fds->n; i++)
            high[i] = fcntl(fds->at[i].parent, F_DUPFD_CLOEXEC, 600);
        for (size_t i = 0; i < fds->n; i++)
            if (fds->at[i].child > 2)
                dup2(high[i], fds->at[i].child);
        execvp(argv->at[0], argv->at);
        perror("gdb");
        _exit(127);
    }
    for (int fd = 3; fd < 1024; fd++)  // the caller's ends of channels
        if (fd != word)
            close(fd);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    clear_away();
    out.run.end = SV_EXITED;
    out.run.watch_ended = true;
    _exit(write(word, &out, sizeof out) != sizeof out);
}

static void
add_debugger(struct list *l, const struct cell_plan *plan)
{
    add_all(l, (const char *[]){"gdb", "-q", NULL});
    if (plan->gdb_script && access(plan->gdb_script, R_OK) == 0)
        add(l, "-x"), add(l, "%s", plan->gdb_script);
    if (plan->gdb_source)
        add(l, "-ex"), add(l, "set substitute-path /src %s", plan->gdb_source);
    add(l, "--args");
}

static void
close_inputs(const struct fds *fds, const struct cell_plan *plan)
{
    // what add_bwrap opened: own descriptors that are not the plan's
    for (size_t i = 0; i < fds->n; i++) {
        bool theirs = fds->at[i].child < FD_OWN;
        for (size_t k = 0; k < plan->nemits; k++)
            theirs |= fds->at[i].parent == plan->emits[k].fd;
        if (!theirs)
            close(fds->at[i].parent);
    }
}

struct cell *
cell_start(const struct cell_plan *plan)
{
    struct cell *c = xcalloc(1, sizeof *c);
    struct list argv = {0};
    struct fds fds = {0};
    int status[2], word[2], cancel[2];

    cell_isolated(NULL);
    c->limits = plan->limits;
    c->missing = -1;
    c->output = memfd_create("output", MFD_CLOEXEC);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (c->output < 0 || null < 0 || pipe2(status, O_CLOEXEC) < 0 ||
        pipe2(word, O_CLOEXEC) < 0 || pipe2(cancel, O_CLOEXEC) < 0)
        die("no descriptors left: %s", strerror(errno));
    fd_add(&fds, 0, null), fd_add(&fds, 1, c->output);
    fd_add(&fds, 2, c->output);
    for (size_t i = 0; i < plan->nfds; i++)
        fd_add(&fds, plan->fds[i].child, plan->fds[i].parent);
    fd_own(&fds, null);  // keeps FD_OWN itself out of what is closed below

    uid_t uid = plan->debugger ? 0 : nobody();
    if (plan->debugger) {
        c->root = make_root(plan, 0);
        c->debugged = translate(c->root, plan->argv[0]);
        add_debugger(&argv, plan);
    } else if (isolated == 1) {
        if (uid) {
            add(&argv, "%s", run_path), add(&argv, "outer");
            add(&argv, "%u", uid), add(&argv, "--");
        }
        add_bwrap(&argv, &fds, plan);
    } else {
        c->root = make_root(plan, uid);
        if (uid) {
            add(&argv, "%s", run_path), add(&argv, "outer");
            add(&argv, "%u", uid), add(&argv, "--");
        }
        add_plain(&argv, c->root);
    }
    if (!plan->debugger)
        add_inner(&argv, &fds, plan, status[1]);
    for (char *const *a = plan->argv; *a; a++) {
        char *word_in = translate(c->root, *a);
        add(&argv, "%s", word_in);
        free(word_in);
    }

    fflush(NULL);
    c->runner = fork();
    if (c->runner == 0) {
        close(cancel[1]);
        if (plan->debugger)
            debugger(&argv, &fds, word[1]);
        if (c->root) {
            char *tmp = xasprintf("%s/tmp", c->root);
            if (chdir(tmp) < 0)
                _exit(1);
        }
        runner(c, &argv, &fds, word[1], cancel[0]);
    }
    int error = errno;
    close_inputs(&fds, plan);
    close(word[1]), close(cancel[0]);
    list_free(&argv);
    c->word = word[0], c->status = status[0], c->cancel = cancel[1];
    fcntl(c->status, F_SETFL, O_NONBLOCK);
    if (c->runner < 0) {
        errno = error;
        return NULL;
    }
    return c;
}

// ------------------------------------------------------------------- the end

// Take what cell-run reports.
static void
listen(struct cell *c)
{
    struct cell_report r;
    while (read(c->status, &r, sizeof r) == sizeof r)
        switch (r.event) {
        case CELL_STARTED:
            c->started = true;
            c->inner = r.value;
            break;
        case CELL_NOT_EMITTED:
            c->missing = r.value;
            break;
        case CELL_ENDED:
            c->over = true;
            c->last = r;
            break;
        case CELL_BROKEN:
            c->broken = true;
            c->last = r;
            break;
        }
}

pid_t
cell_pid(struct cell *c)
{
    listen(c);
    while (!c->started && !c->debugged && !c->broken && !cell_ended(c)) {
        struct pollfd p[2] = {{c->status, POLLIN, 0}, {c->word, POLLIN, 0}};
        poll(p, 2, -1);
        listen(c);
    }
    if (c->debugged && !c->pid)
        c->pid = proc_find_exe(c->runner, c->debugged);
    if (c->started && !c->pid)
        c->pid = c->root ? c->inner : proc_find_inner(c->runner, c->inner);
    return c->pid;
}

int
cell_poll_fd(const struct cell *c)
{
    return c->word;
}

bool
cell_ended(struct cell *c)
{
    struct pollfd p = {c->word, POLLIN, 0};
    return poll(&p, 1, 0) > 0;
}

bool
cell_owns(const struct cell *c, int fd)
{
    return fd == c->word || fd == c->status || fd == c->cancel ||
           fd == c->output;
}

const char *
cell_inside(struct cell *c, const char *path)
{
    return c->root ? translate(c->root, path) : path;
}

const char *
cell_output(struct cell *c)
{
    struct stat st;
    if (fstat(c->output, &st) < 0)
        die("a cell's output: %s", strerror(errno));
    size_t size = (size_t)st.st_size < c->limits.output ? (size_t)st.st_size
                                                        : c->limits.output;
    free(c->text);
    c->text = xcalloc(1, size + 1);
    ssize_t n = pread(c->output, c->text, size, 0);
    text_clean(c->text, n < 0 ? 0 : (size_t)n);
    return c->text;
}

static const char *
first_line(const char *text)
{
    static char line[256];
    snprintf(line, sizeof line, "%.*s", (int)strcspn(text, "\n"), text);
    return line;
}

static void
say(struct cell *c, enum judge_kind kind, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    c->end.kind = kind;
    vsnprintf(c->end.text, sizeof c->end.text, fmt, ap);
    va_end(ap);
}

static int64_t
cpu_ms(const struct rusage *u)
{
    return (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000 +
           (u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1000;
}

static void
say_signal(struct cell *c, int sig)
{
    // Past the limit the kernel sends SIGXCPU, then SIGKILL, and the sum that
    // it goes by is a little coarser than the one that we get.
    bool cpu = cpu_ms(&c->end.run.usage) + 20 >= c->limits.cpu_ms;
    if (sig == SIGXFSZ)
        say(c, JUDGE_OUTPUT, "wrote a file larger than it may");
    else if (sig == SIGXCPU || (sig == SIGKILL && cpu))
        say(c, JUDGE_TIMEOUT, "used more than %lld ms of CPU time",
            (long long)c->limits.cpu_ms);
    else if (sig == SIGKILL)
        say(c, JUDGE_CRASH, "was killed by SIGKILL: by itself or by a process "
            "that it started, nobody else can signal it");
    else
        say(c, JUDGE_CRASH, "died of signal %d (SIG%s, %s)", sig,
            sigabbrev_np(sig) ? sigabbrev_np(sig) : "?", strsignal(sig));
}

// Put the end in words, from the bound that was passed, or what cell-run said.
static void
conclude(struct cell *c, const struct runner_word *w)
{
    const struct cell_limits *m = &c->limits;
    struct sv_result *r = &c->end.run;
    *r = w->run;
    if (c->over) {
        int st = c->last.value;
        r->end = WIFEXITED(st) ? SV_EXITED : SV_SIGNALLED;
        r->code = WIFEXITED(st) ? WEXITSTATUS(st) : WTERMSIG(st);
        r->usage = c->last.usage;
    }
    if (w->error)
        say(c, JUDGE_BROKEN, "could not be supervised: %s", strerror(w->error));
    else if (w->bound == JUDGE_OUTPUT)
        say(c, JUDGE_OUTPUT, "wrote more than %zu kB of output",
            m->output / 1024);
    else if (w->bound == JUDGE_PROCESSES)
        say(c, JUDGE_PROCESSES, "had more than %u processes at once",
            m->processes);
    else if (w->bound == JUDGE_MEMORY)
        say(c, JUDGE_MEMORY, "used %zu MB of memory; %zu MB are allowed",
            w->most >> 20, m->memory >> 20);
    else if (c->broken)
        say(c, c->last.more == CELL_STEP_EXEC ? JUDGE_WRONG : JUDGE_BROKEN,
            "could not be started: %s", strerror(c->last.value));
    else if (w->run.timed_out &&
             (!c->over || (r->end == SV_SIGNALLED && r->code == SIGKILL)))
        say(c, JUDGE_TIMEOUT, "was still running after %lld ms",
            (long long)m->wall_ms);
    else if (!c->started && !w->run.watch_ended)
        say(c, JUDGE_BROKEN, "the cell could not be made: %.150s",
            w->run.end == SV_NOT_STARTED ? strerror(w->run.code)
                                         : first_line(cell_output(c)));
    else if (!c->over)
        say(c, JUDGE_PASS, "was ended by the judge");
    else if (r->end == SV_SIGNALLED)
        say_signal(c, r->code);
    else if (c->missing >= 0)
        say(c, JUDGE_SILENT, "left no file of the name asked for");
    else if (r->code != 0)
        say(c, JUDGE_WRONG, "exited with status %d", r->code);
    else
        say(c, JUDGE_PASS, "exited with status 0");
}

static void
remove_root(char *root)
{
    if (!root)
        return;
    remove_tree(root);
    free(root);
}

const struct cell_end *
cell_finish(struct cell *c)
{
    struct runner_word w;
    if (c->runner == 0)
        return &c->end;
    ssize_t n;
    do
        n = read(c->word, &w, sizeof w);
    while (n < 0 && errno == EINTR);
    if (n != sizeof w)
        w = (struct runner_word){.error = EPROTO};
    while (waitpid(c->runner, NULL, 0) < 0 && errno == EINTR)
        ;
    listen(c);
    conclude(c, &w);
    c->runner = 0;
    remove_root(c->root);
    c->root = NULL;
    return &c->end;
}

const struct cell_end *
cell_kill(struct cell *c)
{
    if (c->runner != 0 && write(c->cancel, "", 1) < 0 && errno != EPIPE)
        die("cannot end a cell: %s", strerror(errno));
    return cell_finish(c);
}

void
cell_free(struct cell *c)
{
    cell_kill(c);
    close(c->word), close(c->status), close(c->cancel), close(c->output);
    free(c->text);
    free(c->debugged);
    free(c);
}

// ------------------------------------------------------------------- at start

void
cell_setup(const char *dir)
{
    char *path = xasprintf("%s/cell-run", dir);
    run_path = realpath(path, NULL);  // a cell changes directory
    if (!run_path)
        die("%s: %s; make lab-N builds it", path, strerror(errno));
    free(path);
}

void
cell_setup_isolated(void)
{
    isolated = 1;
}

void
cell_setup_plain(void)
{
    isolated = 0;
}

// Try it: run `true` in a cell.
bool
cell_isolated(const char **why)
{
    if (isolated < 0) {
        isolated = 1;
        char *argv[] = {"/usr/bin/true", NULL};
        struct cell_plan plan = {
            .argv = argv,
            .limits = {10000, 2000, (size_t)1 << 30, 16, 1 << 16},
        };
        struct cell *c = cell_start(&plan);
        const struct cell_end *end = c ? cell_finish(c) : NULL;
        if (!end || end->kind != JUDGE_PASS) {
            isolated = 0;
            snprintf(why_not, sizeof why_not, "%s",
                     end ? end->text : strerror(errno));
        }
        if (c)
            cell_free(c);
    }
    if (why)
        *why = why_not;
    return isolated;
}
