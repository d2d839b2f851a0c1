// SPDX-License-Identifier: MIT
// child.c -- the life of one child process: fork, wait, what it died of.
// Called from split.c, window.c and warden.c; findings go to finding.c.
// Book: chapters 7 and 8.
//
// Only children that are in a slot are ever waited for, each by its own pid:
// the simulation and the host may have children too, and theirs is theirs.

#include "child.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "rng.h"
#include "sys.h"
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 35)
#include <sys/rseq.h>
#endif

#define RSEQ_AREA_SIZE 32           // as the C library registers it
#define RSEQ_UNREGISTER 1
#define FORK_NAP_NS 1000000         // before the second try; doubles each time

// _Fork() is fork() without the handlers of pthread_atfork(), which a process
// with one thread has no use for.  Sanitizers want the real one.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__) || \
    !defined(__GLIBC__) || !__GLIBC_PREREQ(2, 34)
#define library_fork fork
#else
#define library_fork _Fork
#endif

// What _Fork() does, by the same system calls, where child_slim() found what
// they need.
static pid_t
system_fork(void)
{
    long pid;

    if (!SYS_IS_INLINE || !self.tid)
        return library_fork();
    pid = sys_call(SYS_clone,
                   SIGCHLD | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID, 0, 0,
                   (long)self.tid, 0);
    if (pid == 0 && self.robust)
        sys_call(SYS_set_robust_list, (long)self.robust,
                 (long)self.robust_size, 0, 0, 0);
    if (pid >= 0)
        return (pid_t)pid;
    errno = (int)-pid;
    return -1;
}

struct system_calls split_system = {system_fork, mmap};

// The kernel keeps the number of the core in each thread's rseq area, and so
// dirties that page in parent and child after each fork.  Whoever looks there
// finds that it is not registered, and asks the kernel.
static void
stop_rseq(void)
{
#if SYS_IS_INLINE && defined(__GLIBC__) && __GLIBC_PREREQ(2, 35)
    if (__rseq_size)
        sys_call(SYS_rseq, (long)__builtin_thread_pointer() + __rseq_offset,
                 RSEQ_AREA_SIZE, RSEQ_UNREGISTER, RSEQ_SIG, 0);
#endif
}

void
child_slim(void)
{
    if (!SYS_IS_INLINE)
        return;
    if (sys_call(SYS_prctl, PR_GET_TID_ADDRESS, (long)&self.tid, 0, 0, 0) < 0)
        self.tid = NULL;
    if (sys_call(SYS_get_robust_list, 0, (long)&self.robust,
                 (long)&self.robust_size, 0, 0) < 0)
        self.robust = NULL;
    stop_rseq();
}

static struct sigaction expected_before;     // if is_sigchld_changed

void
children_expected(bool are)
{
    struct sigaction plain = {.sa_handler = SIG_DFL};

    if (!are) {
        if (self.is_sigchld_changed)
            sigaction(SIGCHLD, &expected_before, NULL);
        self.is_sigchld_changed = false;
        return;
    }
    sigaction(SIGCHLD, NULL, &expected_before);
    if (expected_before.sa_handler != SIG_DFL ||
        expected_before.sa_flags & SA_NOCLDWAIT) {
        self.is_sigchld_changed = true;
        sigaction(SIGCHLD, &plain, NULL);
    }
}

static struct coverage
covered_by(struct world *w, struct slot *s)
{
    return (struct coverage){&s->map, w->n_edges ? slot_edges(w, s) : NULL,
                             w->n_edges};
}

static struct coverage
covered_by_all(struct world *w)
{
    return (struct coverage){&w->explored, w->edges, w->n_edges};
}

void
child_publish(void)
{
    struct world *w = self.world;
    struct slot *s = self.slot;
    struct coverage all = covered_by_all(w), own = covered_by(w, s);

    if (w->n_edges) {
        edges_collect(own.edges);
        edges_clear();
    }
    novel_publish(&all, &own, &s->yield);
}

void
timeline_end(enum split_death death, int code, const char *text)
{
    struct world *w = self.world;
    struct slot *s = self.slot;

    if (w && s) {
        if (self.has_edges)
            edges_collect(slot_edges(w, s));
        if (death != SPLIT_FINE) {
            s->death = death;
            s->code = code;
            s->text = text;
            atomic_store(&s->is_said, true);
            if (atomic_load(&s->has_turn))
                finding_record(w, s, death, code, text);
        }
    }
    sys_exit(code & 0xff);
}

void
timeline_die(enum split_death death, int code, const char *text)
{
    if (!self.world) {
        fprintf(stderr, "libsplit: %s: %s\n", split_death_name(death), text);
        abort();
    }
    timeline_end(death, code ? code : 42, text);
}

// ---- fork ------------------------------------------------------------------

// Forks; a fork that fails for want of memory or processes is tried again, a
// little later each time, for that want may pass.
static pid_t
fork_patiently(struct world *w, unsigned tries)
{
    struct timespec nap = {0, FORK_NAP_NS};
    pid_t pid;

    while ((pid = split_system.fork()) < 0) {
        if ((errno != EAGAIN && errno != ENOMEM) || tries <= 1) {
            if (tries > 0)
                atomic_fetch_add(&w->fork_failures, 1);
            return -1;
        }
        tries--;
        atomic_fetch_add(&w->fork_retries, 1);
        nanosleep(&nap, NULL);
        if (nap.tv_nsec < 64 * FORK_NAP_NS)
            nap.tv_nsec *= 2;
    }
    return pid;
}

// In the child: dies with its parent, draws from its own seed.
static void
become(struct slot *s, unsigned depth, int parent_pid)
{
    sys_prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (sys_getppid() != parent_pid)
        sys_exit(0);                    // too late: the parent is dead already
    self.slot = s;
    self.depth = depth;
    self.ticks = 0;
    self.is_child = depth > 0;
    children_expected(false);
    if (self.has_edges)
        edges_clear();
}

// Everything about the timeline in `s` that does not depend on where it comes
// from.
static void
prepare(struct world *w, struct slot *s)
{
    s->node = UINT64_MAX;
    s->is_said = s->is_recorded = s->is_reported = false;
    s->death = SPLIT_FINE;
    s->code = 0;
    s->text = NULL;
    atomic_store_explicit(&s->has_turn, 0, memory_order_relaxed);
    atomic_store_explicit(&s->has_split, false, memory_order_relaxed);
    atomic_store_explicit(&s->yield, 0, memory_order_relaxed);
    atomic_store_explicit(&s->waited_ns, 0, memory_order_relaxed);
    atomic_store_explicit(&s->waits_since, 0, memory_order_relaxed);
    if (w->config.wall_ms)
        s->born_ns = now_ns();
    atomic_store_explicit(&s->pid, 0, memory_order_relaxed);
}

void
child_prepare(struct point *p, struct slot *s, unsigned index)
{
    prepare(self.world, s);
    s->child_index = index;
    s->seed = split_child_seed(p->seed, p->mark->name, index);
    s->step = (struct split_step){p->count, s->seed};
    s->parent = self.slot;
    s->depth = p->depth + 1;
}

void
child_count(struct point *p, struct slot *s)
{
    struct world *w = self.world;
    uint64_t parent = self.slot ? self.slot->node : p->parent_node;

    if (p->spent.spawned++ == 0) {
        atomic_fetch_add(&w->splits, 1);
        atomic_fetch_add(&p->mark->splits, 1);
    }
    atomic_fetch_add(&p->mark->timelines, 1);
    s->node = node_new(w, parent, s->step, p->mark, s->depth);
}

void
child_uncount(struct point *p)
{
    node_undo(self.world);
    atomic_fetch_sub(&p->mark->timelines, 1);
    if (--p->spent.spawned == 0) {
        atomic_fetch_sub(&p->mark->splits, 1);
        atomic_fetch_sub(&self.world->splits, 1);
    }
}

// In the parent, after the fork.
static int
forked(struct world *w, struct slot *s, pid_t pid)
{
    if (pid < 0) {
        int e = errno;

        slot_free(w, s);
        return -e;
    }
    atomic_store(&s->pid, pid);
    // The child may be waiting already: only from TAKEN to RUNNING.
    atomic_compare_exchange_strong(&s->state, &(int){SLOT_TAKEN},
                                   SLOT_RUNNING);
    return 1;
}

int
child_fork(struct slot *s, unsigned tries)
{
    uint64_t seed = s->seed;         // read here, not at a cost in the child
    unsigned depth = s->depth;
    pid_t pid = fork_patiently(self.world, tries);

    if (pid != 0)
        return forked(self.world, s, pid);
    become(s, depth, self.pid);
    rng_reseed(seed);
    rng_set_alarm();
    return 0;
}

// sim() called exit(): its host's epilogue and its unwritten buffers are not
// this timeline's business.
static void
on_escape(int status, void *arg)
{
    (void)arg;
    if (self.slot)
        timeline_end(SPLIT_ESCAPED, status ? status : 1,
                     "exit() was called in a timeline");
}

void
child_catch_exit(void)
{
    on_exit(on_escape, NULL);
}

int
child_start_root(struct slot *s, const struct split_step *path, size_t len,
                 uint64_t parent_node, const struct mark *mark, split_sim *sim,
                 void *arg)
{
    struct world *w = self.world;
    pid_t pid;
    int code;

    s->seed = len ? path[len - 1].seed : w->root_seed;
    s->step = len ? path[len - 1] : (struct split_step){0, s->seed};
    s->parent = NULL;
    s->prefix = path;
    s->prefix_len = len;
    s->depth = (unsigned)len;
    prepare(w, s);
    atomic_store(&s->has_turn, 1);
    s->node = node_new(w, parent_node, s->step, mark, s->depth);
    pid = fork_patiently(w, w->config.fork_tries);
    if (pid < 0)
        node_undo(w);
    if (pid != 0)
        return forked(w, s, pid);

    become(s, (unsigned)len, self.pid);
    child_catch_exit();
    if (w->config.memory_mb) {
        struct rlimit limit;

        limit.rlim_cur = limit.rlim_max = w->config.memory_mb << 20;
        setrlimit(RLIMIT_AS, &limit);
    }
    self.mode = len ? MODE_REACH : MODE_EXPLORE;
    self.depth = 0;
    self.next = path;
    self.end = path + len;
    rng_reseed(w->root_seed);
    rng_set_alarm();
    code = sim(arg);
    if (self.next != self.end)
        timeline_die(SPLIT_BUG, 0, "a timeline that was put off took another "
                     "way when it ran again: the simulation does not draw "
                     "all its decisions from split_draw()");
    timeline_end(code ? SPLIT_EXIT : SPLIT_FINE, code & 0xff || !code
                 ? code : 1, code ? "the simulation returned" : NULL);
}

// ---- wait ------------------------------------------------------------------

int
child_watch(const struct slot *s)
{
    return (int)syscall(SYS_pidfd_open, (pid_t)s->pid, 0);
}

// Whether the process is stopped by a signal.
static bool
is_stopped(pid_t pid)
{
    char path[64], line[512], *p;
    bool stopped = false;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    if (!(f = fopen(path, "re")))
        return false;
    // pid (name) state ...; the name may hold anything, even parentheses.
    if (fgets(line, sizeof(line), f) && (p = strrchr(line, ')')))
        stopped = p[1] == ' ' && (p[2] == 'T' || p[2] == 't');
    fclose(f);
    return stopped;
}

// Whether a child has ended; it stays to be reaped.
static bool
has_ended(pid_t pid)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0
               ? errno != EINTR : info.si_pid == pid;
}

// Kills the timeline in `s` if it is past its deadline; what it waited for its
// own children is not held against it, unless it does not wake up any more;
// nor is what a child that has ended waited to be reaped.  Returns the
// nanoseconds it has left.
static int64_t
enforce_deadline(struct world *w, struct slot *s)
{
    int64_t now = now_ns(), since = atomic_load(&s->waits_since);
    int64_t limit = (int64_t)w->config.wall_ms * 1000000;
    int64_t used = now - s->born_ns - atomic_load(&s->waited_ns);

    if (since)
        used -= now - since;
    if (since && now - s->born_ns > limit && is_stopped(s->pid))
        used = limit;
    if (used < limit)
        return limit - used;
    if (has_ended(s->pid))
        return 0;
    if (!atomic_exchange(&s->is_said, true)) {
        s->death = SPLIT_HANG;
        s->code = SIGKILL;
        s->text = "was still at work at its deadline, wall_ms";
    }
    kill(s->pid, SIGKILL);
    return limit;
}

// The longest sleep that does not miss the deadline of `s`; -1: for ever.
static int
next_deadline_ms(struct world *w, struct slot *s)
{
    int64_t ms;

    if (!w->config.wall_ms)
        return -1;
    ms = enforce_deadline(w, s) / 1000000 + 1;
    return (int)(ms < INT_MAX ? ms : INT_MAX);
}

static uint64_t settle(struct slot *s, bool is_known, int status);

bool
child_reap(struct slot *s, int flags, uint64_t *yield)
{
    int status = 0;
    pid_t r;

    do
        r = waitpid(s->pid, &status, flags);
    while (r < 0 && errno == EINTR);
    if (r == 0)
        return false;
    *yield = settle(s, r > 0, status);
    return true;
}

void
child_begin_waiting(enum slot_state state)
{
    if (!self.slot)
        return;
    if (self.world->config.wall_ms)
        atomic_store(&self.slot->waits_since, now_ns());
    if (self.world->is_parallel)
        atomic_store(&self.slot->state, (int)state);
}

void
child_end_waiting(void)
{
    int64_t since;

    if (!self.slot)
        return;
    if (self.world->is_parallel)
        atomic_store(&self.slot->state, SLOT_RUNNING);
    // In this order: who looks at the deadline between the two counts this
    // wait twice.  The other way about, it would not count at all, and a
    // timeline that waited for longer than its deadline would be killed.
    since = atomic_load(&self.slot->waits_since);
    if (since)
        atomic_fetch_add(&self.slot->waited_ns, now_ns() - since);
    atomic_store(&self.slot->waits_since, 0);
}

// Sleeps until a descriptor is readable; where the system has none for
// processes, a millisecond.
static void
sleep_on(int fd, int wake_fd, int timeout_ms)
{
    struct pollfd set[] = {
        {.fd = fd, .events = POLLIN},
        {.fd = wake_fd, .events = POLLIN},
    };

    poll(set, 2, fd < 0 ? 1 : timeout_ms);
}

bool
child_wait_or(struct slot *s, int fd, int wake_fd, int timeout_ms,
              uint64_t *yield)
{
    struct world *w = self.world;
    int ms = next_deadline_ms(w, s);
    bool has_ended;

    if (timeout_ms >= 0 && (ms < 0 || timeout_ms < ms))
        ms = timeout_ms;
    child_begin_waiting(SLOT_WAITS_CHILD);
    sleep_on(fd, wake_fd, ms);
    has_ended = child_reap(s, WNOHANG, yield);
    child_end_waiting();
    return has_ended;
}

uint64_t
child_wait(struct slot *s)
{
    uint64_t yield = 0;
    int fd;

    if (self.world->config.wall_ms) {
        fd = child_watch(s);
        while (!child_wait_or(s, fd, -1, -1, &yield))
            ;
        if (fd >= 0)
            close(fd);
    } else {
        child_begin_waiting(SLOT_WAITS_CHILD);
        child_reap(s, 0, &yield);
        child_end_waiting();
    }
    return yield;
}

void
child_discard(struct slot *s)
{
    kill(s->pid, SIGKILL);
    while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    slot_free(self.world, s);
}

// ---- what it died of -------------------------------------------------------

// How the timeline in `s` ended, from what it said and from its wait status.
static enum split_death
verdict(struct world *w, struct slot *s, bool is_known, int status, int *code)
{
    *code = s->code;
    if (atomic_load(&s->is_said))
        return s->death;
    if (!is_known)
        return SPLIT_VANISHED;
    if (WIFEXITED(status)) {
        *code = WEXITSTATUS(status);
        return !*code ? SPLIT_FINE
             : atomic_load(&s->is_reported) ? SPLIT_SANITIZER : SPLIT_EXIT;
    }
    *code = WTERMSIG(status);
    if (*code == SIGKILL && oom_kills() > w->oom_kills)
        return SPLIT_MEMORY;
    return *code == SIGABRT ? SPLIT_ABORT : SPLIT_SIGNAL;
}

void
child_settle_replay(struct slot *s, enum split_death *death, int *code)
{
    struct world *w = self.world;
    int status = 0, fd = w->config.wall_ms ? child_watch(s) : -1;
    pid_t r;

    while (w->config.wall_ms &&
           !has_ended(s->pid))
        sleep_on(fd, -1, next_deadline_ms(w, s));
    do
        r = waitpid(s->pid, &status, 0);
    while (r < 0 && errno == EINTR);
    if (fd >= 0)
        close(fd);
    *death = verdict(w, s, r > 0, status, code);
}

// Its children outlived the timeline in `s` by an instant: they die by their
// parent-death signal, and the warden is their parent now.
static void
collect_family(struct world *w, struct slot *s)
{
    uint64_t yield;

    if (self.slot) {
        eventfd_write(self.wake_fd, 1);
        for (int i = 0; i < w->n_slots; i++)
            if (w->slots[i].parent == s &&
                atomic_load(&w->slots[i].state) != SLOT_FREE)
                atomic_store(&w->slots[i].state, SLOT_ORPHAN);
        while (slot_has_children(w, s)) {
            eventfd_write(self.wake_fd, 1);
            slot_sleep(w, atomic_load(&w->slot_freed));
        }
        return;
    }
    for (int i = 0; i < w->n_slots; i++) {
        struct slot *c = &w->slots[i];

        if (c->parent != s || atomic_load(&c->state) == SLOT_FREE)
            continue;
        atomic_store(&c->state, SLOT_ORPHAN);
        if (c->pid)
            child_reap(c, 0, &yield);
        else
            settle(c, true, SIGKILL);    // its parent died before the fork
    }
}

// Takes what the timeline in `s` leaves behind, and frees the slot.
static uint64_t
settle(struct slot *s, bool is_known, int status)
{
    struct world *w = self.world;
    struct coverage all = covered_by_all(w), own = covered_by(w, s);
    bool is_orphan = atomic_load(&s->state) == SLOT_ORPHAN;
    enum split_death death;
    uint64_t yield;
    int code;

    // A timeline that came to its own end has no children any more.
    if (status || !is_known || is_orphan || atomic_load(&s->is_said))
        if (slot_has_children(w, s))
            collect_family(w, s);
    death = verdict(w, s, is_known, status, &code);
    if (is_orphan && death == SPLIT_SIGNAL && code == SIGKILL)
        death = SPLIT_COLLATERAL;
    if (death == SPLIT_COLLATERAL)
        atomic_fetch_add(&w->collateral, 1);

    // The warden takes no part in yields.
    yield = novel_settle(&all, &own, &s->yield,
                         self.slot ? &self.slot->yield : NULL);
    node_end(w, s, death, code);
    if (death != SPLIT_FINE)
        finding_record(w, s, death, code, s->text);
    slot_free(w, s);
    return yield;
}
