// SPDX-License-Identifier: MIT
// run.c -- split_run() and the warden: a process between host and timelines.
// It starts roots, runs what was put off, reaps orphans, and reports.
// Book: chapters 7 and 8.
//
//   host --- warden --- root timeline --- its children --- ...
//                   \-- timelines that were put off
//
// The host has one child and nothing else to do with all this: no signal
// handler, no process group, no descriptor of it changes.  Each process dies
// with its parent, so no way to kill host, warden or root leaves anybody alive.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "child.h"
#include "config.h"
#include "report.h"
#include "window.h"

#define PROGRESS_MS 200

struct warden {
    struct world *w;
    split_sim *sim;
    void *arg;
    struct point *pending;      // splits that were put off, oldest first
};

// Timelines whose parents died are the warden's children now.
static void
collect_orphans(struct world *w)
{
    uint64_t yield;

    for (int i = 0; i < w->n_slots; i++)
        if (atomic_load(&w->slots[i].state) == SLOT_ORPHAN)
            child_reap(&w->slots[i], 0, &yield);
}

// A timeline that is killed while it takes a slot for a child, before it has
// put its name on it, leaves a slot that is nobody's.  When no timeline lives,
// what is still taken is such a one.
static void
recover_slots(struct world *w)
{
    int live = 0;

    for (int i = 0; i < w->n_slots; i++) {
        int taken = SLOT_TAKEN;

        if (!atomic_compare_exchange_strong(&w->slots[i].state, &taken,
                                            SLOT_FREE) &&
            taken != SLOT_FREE)
            live++;
    }
    atomic_store(&w->live, live);
}

// Runs a timeline that has no parent among the timelines, to its end.  Returns
// its yield in *yield; false if it could not be forked.
static bool
run_one(struct warden *d, const struct split_step *path, size_t len,
        uint64_t parent_node, struct mark *m, uint64_t *yield)
{
    struct world *w = d->w;
    struct slot *s = slot_take(w);
    int timeout = w->config.progress_fd >= 0 ? PROGRESS_MS : -1, fd;
    eventfd_t value;

    if (child_start_root(s, path, len, parent_node, m, d->sim, d->arg) < 0)
        return false;
    fd = child_watch(s);
    while (!child_wait_or(s, fd, self.wake_fd, timeout, yield)) {
        eventfd_read(self.wake_fd, &value);
        collect_orphans(w);
        report_progress(w);
    }
    if (fd >= 0)
        close(fd);
    collect_orphans(w);
    recover_slots(w);
    return true;
}

// Runs the next child of a split that was put off.  False: it has no more.
static bool
run_put_off(struct warden *d, struct point *p)
{
    struct world *w = d->w;
    enum energy_level paid;
    struct split_step *path;
    uint64_t yield = 0;

    if (p->left == 0)
        p->left = energy_batch(&w->energy, &p->mark->energy, &w->config,
                               w->is_warm, &p->spent);
    if (p->left == 0)
        return false;
    paid = energy_take(&w->energy, &p->mark->energy);
    path = world_alloc(w, (p->path_len + 1) * sizeof(*path));
    if (paid == ENERGY_NONE || !path)
        return false;
    if (p->path_len)
        memcpy(path, p->path, p->path_len * sizeof(*path));
    path[p->path_len].count = p->count;
    path[p->path_len].seed =
        split_child_seed(p->seed, p->mark->name, p->spent.spawned);
    if (!run_one(d, path, p->path_len + 1, p->parent_node, p->mark, &yield)) {
        energy_refund(&w->energy, &p->mark->energy, paid);
        return false;
    }
    if (p->spent.spawned++ == 0) {
        atomic_fetch_add(&w->splits, 1);
        atomic_fetch_add(&p->mark->splits, 1);
    }
    atomic_fetch_add(&p->mark->timelines, 1);
    atomic_fetch_add(&w->deferred, 1);
    p->spent.fresh += yield;
    p->left--;
    return true;
}

static void
run_seed(struct warden *d)
{
    struct world *w = d->w;
    uint64_t yield;

    d->pending = NULL;
    atomic_store(&w->put_off, NULL);
    if (!run_one(d, NULL, 0, 0, NULL, &yield)) {
        atomic_store(&w->error, -EAGAIN);
        world_stop(w);
        return;
    }
    for (;;) {
        window_collect(w, &d->pending);
        if (!d->pending || atomic_load(&w->is_stopped))
            break;
        if (!run_put_off(d, d->pending))
            d->pending = atomic_load(&d->pending->next);
    }
    atomic_fetch_add(&w->seeds, 1);
}

// The warden's life.  A subreaper adopts what its descendants leave behind.
static void
warden_main(struct world *w, split_sim *sim, void *arg, int host)
{
    struct warden d = {.w = w, .sim = sim, .arg = arg};

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != host)
        _exit(1);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    world_enter(w);
    child_slim();
    self.pid = getpid();
    self.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    self.evict_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    children_expected(true);
    report_install(w);
    for (unsigned i = 0; i < w->config.seeds; i++) {
        if (atomic_load(&w->is_stopped))
            break;
        world_next_seed(w, (unsigned)atomic_load(&w->seeds));
        run_seed(&d);
        report_stats(w);
    }
    atomic_fetch_add(&w->ran_ns, now_ns() - w->started_ns);
    report_progress_end(w);
    atomic_store(&w->is_done, true);
    _exit(0);
}

static int
outcome(struct split *x, int status, bool is_known)
{
    struct world *w = x->world;

    if (!atomic_load(&w->is_done)) {
        if (is_known && WIFSIGNALED(status))
            return fail(x, -EOWNERDEAD, "the warden of the exploration was "
                        "killed by signal %d; findings so far are kept",
                        WTERMSIG(status));
        return fail(x, -EOWNERDEAD, "the warden of the exploration ended "
                    "early; findings so far are kept");
    }
    if (atomic_load(&w->is_full))
        return fail(x, -ENOSPC, "marks, findings and tree need more than the "
                    "%zu MB they have: make shared_mb larger",
                    w->config.shared_mb);
    if (atomic_load(&w->error))
        return fail(x, atomic_load(&w->error), "the root timeline could not "
                    "be forked in %u tries", w->config.fork_tries);
    return (int)atomic_load(&w->findings);
}

int
split_run(struct split *x, split_sim *sim, void *arg)
{
    struct world *w = x->world;
    int host = getpid(), status = 0;
    pid_t pid, r;

    if (self.world)
        return fail(x, -EBUSY, "split_run() was called inside a timeline");
    atomic_store(&w->is_stopped, false);
    atomic_store(&w->is_done, false);
    w->started_ns = now_ns();
    pid = split_system.fork();
    if (pid < 0)
        return fail(x, -errno, "fork: %s", strerror(errno));
    if (pid == 0)
        warden_main(w, sim, arg, host);
    do
        r = waitpid(pid, &status, 0);
    while (r < 0 && errno == EINTR);
    return outcome(x, status, r == pid);
}
