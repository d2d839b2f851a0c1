// SPDX-License-Identifier: MIT
// report.c -- statistics as JSON lines, progress, verdicts of marks, and the
// last word of sanitizers.  Called from run.c and by the host.
// Book: chapter 9.

#include "report.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>
#include "child.h"

static void
read_stats(const struct world *w, struct split_stats *s)
{
    uint64_t failed = atomic_load(&w->fork_failures);
    int64_t ns = atomic_load(&w->ran_ns);

    if (!atomic_load(&w->is_done))
        ns += now_ns() - w->started_ns;
    *s = (struct split_stats){
        .timelines = atomic_load(&w->timelines),
        .splits = atomic_load(&w->splits),
        .findings = atomic_load(&w->findings),
        .seeds = atomic_load(&w->seeds),
        .energy_left = atomic_load(&w->energy.global),
        .energy_pool = atomic_load(&w->energy.pool),
        .marks = atomic_load(&w->marks),
        .coverage = novel_count(&w->explored),
        .edges = w->n_edges,
        .edges_seen = novel_count_edges(w->edges, w->n_edges),
        .fork_retries = atomic_load(&w->fork_retries),
        .fork_failures = failed,
        .deferred = atomic_load(&w->deferred),
        .collateral = atomic_load(&w->collateral),
        .live_peak = (uint64_t)atomic_load(&w->live_peak),
        .live_bound = (uint64_t)w->n_slots,
        .seconds = w->started_ns ? (double)ns / 1e9 : 0,
    };
}

void
split_get_stats(const struct split *x, struct split_stats *s)
{
    read_stats(x->world, s);
}

static int
print_stats(const struct world *w, FILE *out)
{
    struct split_stats s;

    read_stats(w, &s);
    fprintf(out, "{\"seeds\":%" PRIu64 ",\"timelines\":%" PRIu64
            ",\"splits\":%" PRIu64 ",\"findings\":%" PRIu64
            ",\"energy_left\":%" PRId64 ",\"energy_pool\":%" PRId64
            ",\"marks\":%" PRIu64 ",\"coverage\":%" PRIu64,
            s.seeds, s.timelines, s.splits, s.findings, s.energy_left,
            s.energy_pool, s.marks, s.coverage);
    fprintf(out, ",\"edges\":%" PRIu64 ",\"edges_seen\":%" PRIu64
            ",\"fork_retries\":%" PRIu64 ",\"fork_failures\":%" PRIu64
            ",\"deferred\":%" PRIu64 ",\"collateral\":%" PRIu64
            ",\"live_peak\":%" PRIu64 ",\"live_bound\":%" PRIu64
            ",\"seconds\":%.6f}\n",
            s.edges, s.edges_seen, s.fork_retries, s.fork_failures,
            s.deferred, s.collateral, s.live_peak, s.live_bound, s.seconds);
    return ferror(out) ? -1 : 0;
}

int
split_stats_json(const struct split *x, FILE *out)
{
    return print_stats(x->world, out);
}

// One write, so that lines of several explorations do not mix.
static void
write_line(int fd, const char *line, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, line, size);

        if (n <= 0)
            return;
        line += n;
        size -= (size_t)n;
    }
}

void
report_stats(struct world *w)
{
    char line[1024];
    FILE *out;
    long size;

    if (w->config.stats_fd < 0)
        return;
    if (!(out = fmemopen(line, sizeof(line), "w")))
        return;
    print_stats(w, out);
    size = ftell(out);
    fclose(out);
    write_line(w->config.stats_fd, line, size > 0 ? (size_t)size : 0);
}

static void
progress_line(struct world *w, const char *end)
{
    struct split_stats s;
    char line[256];
    double rate, left;
    int n;

    read_stats(w, &s);
    rate = s.seconds > 0 ? (double)s.timelines / s.seconds : 0;
    // An upper bound: energy that no split asks for is not used up.
    left = rate > 0 ? (double)s.energy_left / rate : 0;
    n = snprintf(line, sizeof(line), "\r%" PRIu64 " timelines, %.0f/s, seed %"
                 PRIu64 " of %u, coverage %" PRIu64 ", energy %" PRId64
                 ", %" PRIu64 " findings, at most %.0f s left\033[K%s",
                 s.timelines, rate, s.seeds + (*end == '\0'), w->config.seeds,
                 s.coverage, s.energy_left, s.findings, left, end);
    write_line(w->config.progress_fd, line, (size_t)n);
}

void
report_progress(struct world *w)
{
    static int64_t last;
    int64_t now;

    if (w->config.progress_fd < 0 || (now = now_ns()) - last < 200000000)
        return;
    last = now;
    progress_line(w, "");
}

void
report_progress_end(struct world *w)
{
    if (w->config.progress_fd >= 0)
        progress_line(w, "\n");
}

// ---- marks -----------------------------------------------------------------

static bool
is_satisfied(const struct mark *m)
{
    bool hit = atomic_load(&m->pass) > 0, missed = atomic_load(&m->fail) > 0;

    switch (m->kind) {
    case SPLIT_ALWAYS:
    case SPLIT_NUMERIC_ALWAYS:
        return hit && !missed;
    case SPLIT_ALWAYS_OR_UNREACHABLE:
    case SPLIT_UNREACHABLE:
        return !missed;
    default:
        return hit;
    }
}

size_t
split_marks(const struct split *x)
{
    size_t n = 0;

    for (struct mark *m = x->world->first_mark; m; m = m->later)
        n++;
    return n;
}

bool
split_get_mark(const struct split *x, size_t i, struct split_mark *out)
{
    struct mark *m = x->world->first_mark;

    for (; m && i > 0; i--)
        m = m->later;
    if (!m)
        return false;
    *out = (struct split_mark){
        .name = m->name,
        .kind = m->kind,
        .pass = atomic_load(&m->pass),
        .fail = atomic_load(&m->fail),
        .watermark = atomic_load(&m->watermark),
        .frontier = atomic_load(&m->frontier),
        .splits = atomic_load(&m->splits),
        .timelines = atomic_load(&m->timelines),
        .energy = atomic_load(&m->energy.left),
        .is_satisfied = is_satisfied(m),
    };
    return true;
}

// ---- sanitizers ------------------------------------------------------------

// In every sanitizer's runtime; absent without one.
extern void __sanitizer_set_death_callback(void (*callback)(void))
    __attribute__((weak));

static void
on_sanitizer(void)
{
    if (self.slot)
        timeline_end(SPLIT_SANITIZER, 1, "a sanitizer reported an error");
}

// UBSan calls this for each report, to which it has a function of its own that
// does nothing.  Where it shares a process with another sanitizer each has its
// runtime, and the callback above is only known to one: then this timeline ends
// by itself, and who reaps it looks here.
__attribute__((visibility("default"))) void __ubsan_on_report(void);

void
__ubsan_on_report(void)
{
    if (self.slot)
        atomic_store(&self.slot->is_reported, true);
}

void
report_install(struct world *w)
{
    (void)w;
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(on_sanitizer);
}
