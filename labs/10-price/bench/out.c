// SPDX-License-Identifier: MIT
// out.c -- the table for people, the JSON for programs, the data of the plots:
// the same figures three times.  Used by main.c.  Book: chapter 10.
#include "out.h"
#include "json.h"

#include <errno.h>
#include <string.h>

static const struct {
    const char *name, *title;
} groups[] = {
    {"memory", "fork, against memory of several kinds"},
    {"ways", "other ways, against private memory in 4 KiB pages"},
    {"tables", "fork, against page-table pages (one page used of each)"},
    {"mappings", "fork, against mappings"},
    {"threads", "fork, against threads that sleep"},
    {"files", "fork, against open descriptors"},
    {"dirty", "fork, and pages written to afterwards"},
};
enum { GROUPS = sizeof groups / sizeof *groups };

// How a ratio within the run is named, and of which rows' medians it is.
static const struct {
    const char *name, *dear, *cheap;
} ratios[] = {
    {"small_over_dontfork", "fork/small/64", "fork/dontfork/64"},
    {"small_over_shared", "fork/small/64", "fork/shared/64"},
    {"small_over_wipeonfork", "fork/small/64", "fork/wipeonfork/64"},
    {"small_over_huge", "fork/small/64", "fork/huge/64"},
    {"small_over_vfork", "fork/small/64", "vfork/small/64"},
    {"fork_over_vfork_nothing", "fork/small/0", "vfork/small/0"},
    {"memory_64_over_0", "fork/small/64", "fork/small/0"},
};
enum { RATIOS = sizeof ratios / sizeof *ratios };

static const struct row *
find(const struct result *r, const char *name)
{
    for (int i = 0; i < r->plan.n_rows; i++)
        if (strcmp(r->plan.rows[i].name, name) == 0)
            return &r->plan.rows[i];
    return NULL;
}

static double
ratio(const struct result *r, int i)
{
    const struct row *dear = find(r, ratios[i].dear);
    const struct row *cheap = find(r, ratios[i].cheap);
    if (!dear || !cheap || dear->error || cheap->error ||
        cheap->core.median <= 0)
        return 0;
    return dear->core.median / cheap->core.median;
}

// ------------------------------------------------------------ the table

static void
table_machine(FILE *to, const struct result *r)
{
    const struct machine *m = &r->machine;
    fprintf(to, "%s, %ld cores, measured on core %d; %s\n", m->cpu, m->cores,
            m->pinned, m->kernel);
    fprintf(to, "%ld MB of memory, %ld available; huge pages: %s; "
            "overcommit: %d; load %s\n", m->memory_mb, m->available_mb,
            m->thp, m->overcommit, m->load);
    fprintf(to, "%d rounds of %d rows in %d processes, %.0f s\n",
            r->timing.rounds, r->plan.n_rows, r->plan.n_places,
            r->timing.took);
    if (r->plan.top_mb < r->plan.most_mb)
        fprintf(to, "CUT: memory ends at %ld MB, not at %ld: half of what is "
                "available has no room for more.\n", r->plan.top_mb,
                r->plan.most_mb);
    fprintf(to, "Times in us.  wall, core: medians of the whole; spread: "
            "quarters of wall; create, exit,\nreap: medians of the parts; "
            "faults: page faults of parent and child.\n");
}

static void
table_group(FILE *to, const struct result *r, int g)
{
    fprintf(to, "\n%s\n%-32s %9s %9s %17s %8s %8s %6s %6s %6s\n",
            groups[g].title, "", "core", "wall", "spread", "create", "exit",
            "reap", "parent", "child");
    for (int i = 0; i < r->plan.n_rows; i++) {
        const struct row *w = &r->plan.rows[i];
        if (strcmp(w->group, groups[g].name) != 0)
            continue;
        if (w->error) {
            fprintf(to, "%-32s not here: %s\n", w->name, strerror(w->error));
            continue;
        }
        fprintf(to, "%-32s %9.1f %9.1f %8.1f-%-8.1f %8.1f %8.1f %6.1f %6.0f "
                "%6.0f\n", w->name, w->core.median, w->wall.median,
                w->wall.p25, w->wall.p75, w->create.median, w->exit.median,
                w->reap.median, w->faults_parent.median,
                w->faults_child.median);
    }
}

static void
table_model(FILE *to, const char *title, const struct model *m)
{
    fprintf(to, "\nThe model, fitted to %s", title);
    if (m->error) {
        fprintf(to, ": not possible, %s\n", m->error == -EDOM
                ? "the rows cannot tell its terms apart"
                : "too few rows could be measured");
        return;
    }
    fprintf(to, " (%d observations): R2 = %.4f\n", m->fit.n, m->fit.r2);
    for (int i = 0; i < FIT_TERMS; i++)
        fprintf(to, "  %10.4f us +- %-8.4f %-12s %s\n", m->fit.coef[i],
                m->fit.error[i], model_terms[i].name, model_terms[i].text);
    double mb = 256 * m->fit.coef[3] + m->fit.coef[2] / 2;
    fprintf(to, "  1 MB of 4 KiB pages, tables included: %.2f us", mb);
    if (m->knee_mb)
        fprintf(to, "; beyond the knee, %ld MB: %.2f us", m->knee_mb,
                mb + 256 * m->fit.coef[6]);
    putc('\n', to);
    fprintf(to, "  off by %.0f %% in the median row, %.0f %% in the worst "
            "(%s)\n", 100 * m->typical, 100 * m->worst, m->worst_row);
}

void
out_table(FILE *to, const struct result *r)
{
    table_machine(to, r);
    for (int g = 0; g < GROUPS; g++)
        table_group(to, r, g);
    fprintf(to, "\nRatios of core time within this run\n");
    for (int i = 0; i < RATIOS; i++)
        fprintf(to, "  %-26s %7.2f  %s over %s\n", ratios[i].name,
                ratio(r, i), ratios[i].dear, ratios[i].cheap);
    fprintf(to, "\nWhen there is no more (overcommit_memory is %d)\n",
            r->machine.overcommit);
    for (int i = 0; i < FAILURES; i++)
        fprintf(to, "  %-52s %s\n", r->failures[i].text,
                !r->failures[i].tried ? "could not be tried here"
                : r->failures[i].error ? strerror(r->failures[i].error)
                                       : "succeeds");
    table_model(to, "core time", &r->core);
    table_model(to, "wall time", &r->wall);
}

// ------------------------------------------------------------- the JSON

static void
json_stats(struct json *j, const char *key, const struct stats *s)
{
    json_open(j, key, '{');
    json_number(j, "median", s->median);
    json_number(j, "min", s->min);
    json_number(j, "p25", s->p25);
    json_number(j, "p75", s->p75);
    json_close(j, '}');
}

static void
json_machine(struct json *j, const struct machine *m)
{
    json_open(j, "machine", '{');
    json_text(j, "cpu", m->cpu);
    json_text(j, "kernel", m->kernel);
    json_number(j, "cores", (double)m->cores);
    json_number(j, "pinned_to", m->pinned);
    json_text(j, "thp", m->thp);
    json_text(j, "thp_defrag", m->thp_defrag);
    json_number(j, "memory_mb", (double)m->memory_mb);
    json_number(j, "available_mb", (double)m->available_mb);
    json_number(j, "swap_mb", (double)m->swap_mb);
    json_number(j, "overcommit", m->overcommit);
    json_text(j, "load", m->load);
    json_close(j, '}');
}

static void
json_run(struct json *j, const struct result *r)
{
    long made = 0, reaped = 0, left = r->failures_lost;
    for (int i = 0; i < r->plan.n_places; i++) {
        made += r->plan.places[i].made;
        reaped += r->plan.places[i].reaped;
        left += r->plan.places[i].left;
    }
    json_open(j, "run", '{');
    json_number(j, "quick", r->quick);
    json_number(j, "rounds", r->timing.rounds);
    json_number(j, "seconds", r->timing.took);
    json_number(j, "places", r->plan.n_places);
    json_number(j, "top_mb", (double)r->plan.top_mb);
    json_number(j, "wanted_mb", (double)r->plan.most_mb);
    json_number(j, "cut", r->plan.top_mb < r->plan.most_mb);
    json_number(j, "children_made", (double)made);
    json_number(j, "children_reaped", (double)reaped);
    json_number(j, "children_left", (double)left);
    json_close(j, '}');
}

static void
json_row(struct json *j, const struct result *r, const struct row *w)
{
    const struct place *at = &r->plan.places[w->place];
    json_open(j, NULL, '{');
    json_text(j, "name", w->name);
    json_text(j, "group", w->group);
    json_text(j, "way", way_names[w->way]);
    json_text(j, "holds", kinds[at->kind].name);
    json_number(j, "amount", (double)at->amount);
    json_text(j, "writer", writer_names[w->who]);
    json_number(j, "x", w->x);
    json_text(j, "unit", w->unit);
    if (w->error) {
        json_text(j, "error", strerror(w->error));
        json_close(j, '}');
        return;
    }
    json_number(j, "samples", w->count);
    json_number(j, "mappings", (double)at->held.mappings);
    json_number(j, "table_kb", (double)at->held.table_kb);
    json_number(j, "huge_mb", at->held.huge_mb);
    json_stats(j, "core_us", &w->core);
    json_stats(j, "wall_us", &w->wall);
    json_stats(j, "create_us", &w->create);
    json_stats(j, "exit_us", &w->exit);
    json_stats(j, "reap_us", &w->reap);
    json_number(j, "faults_parent", w->faults_parent.median);
    json_number(j, "faults_child", w->faults_child.median);
    json_close(j, '}');
}

static void
json_model(struct json *j, const char *key, const struct result *r,
           const struct model *m, enum model_clock clock)
{
    json_open(j, key, '{');
    if (m->error) {
        json_text(j, "error", strerror(-m->error));
        json_close(j, '}');
        return;
    }
    json_number(j, "r2", m->fit.r2);
    json_number(j, "observations", m->fit.n);
    json_number(j, "knee_mb", (double)m->knee_mb);
    json_number(j, "typical", m->typical);
    json_number(j, "worst", m->worst);
    json_text(j, "worst_row", m->worst_row);
    json_open(j, "terms", '[');
    for (int i = 0; i < FIT_TERMS; i++) {
        json_open(j, NULL, '{');
        json_text(j, "name", model_terms[i].name);
        json_text(j, "text", model_terms[i].text);
        json_number(j, "us", m->fit.coef[i]);
        json_number(j, "error_us", m->fit.error[i]);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_open(j, "residuals", '[');
    for (int i = 0; i < r->plan.n_rows; i++) {
        const struct row *w = &r->plan.rows[i];
        double x[FIT_TERMS], measured = model_measured(w, clock);
        if (!w->in_fit || w->error || measured <= 0)
            continue;
        model_features(&r->plan, w, m->knee_mb, x);
        double fitted = fit_predict(&m->fit, x);
        json_open(j, NULL, '{');
        json_text(j, "row", w->name);
        json_number(j, "measured_us", measured);
        json_number(j, "fitted_us", fitted);
        json_number(j, "residual_us", measured - fitted);
        json_number(j, "relative", (measured - fitted) / measured);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
}

void
out_json(FILE *to, const struct result *r)
{
    struct json j = {.to = to};
    json_open(&j, NULL, '{');
    json_machine(&j, &r->machine);
    json_run(&j, r);
    json_open(&j, "rows", '[');
    for (int i = 0; i < r->plan.n_rows; i++)
        json_row(&j, r, &r->plan.rows[i]);
    json_close(&j, ']');
    json_open(&j, "ratios", '{');
    for (int i = 0; i < RATIOS; i++)
        json_number(&j, ratios[i].name, ratio(r, i));
    json_close(&j, '}');
    json_open(&j, "failures", '[');
    for (int i = 0; i < FAILURES; i++) {
        json_open(&j, NULL, '{');
        json_text(&j, "name", r->failures[i].name);
        json_text(&j, "text", r->failures[i].text);
        json_number(&j, "tried", r->failures[i].tried);
        json_text(&j, "result", r->failures[i].error
                  ? strerrorname_np(r->failures[i].error) : "ok");
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_model(&j, "fit", r, &r->core, BY_CORE);
    json_model(&j, "fit_wall", r, &r->wall, BY_WALL);
    json_close(&j, '}');
}

// ---------------------------------------------------- data of the plots

// A block a curve: its title, then x, core median and quarters, wall median.
static void
curve(FILE *to, const struct result *r, const char *title, const char *group,
      enum way way, enum kind kind, enum writer who)
{
    int some = 0;
    for (int i = 0; i < r->plan.n_rows; i++) {
        const struct row *w = &r->plan.rows[i];
        if (strcmp(w->group, group) != 0 || w->way != way || w->who != who ||
            r->plan.places[w->place].kind != kind || w->error)
            continue;
        // gnuplot finds the next block after two empty lines.
        if (!some++)
            fprintf(to, "%s\"%s\"\n", ftell(to) > 0 ? "\n\n" : "", title);
        fprintf(to, "%g %g %g %g %g\n", w->x, w->core.median, w->core.p25,
                w->core.p75, w->wall.median);
    }
}

static void
data_memory(FILE *to, const struct result *r)
{
    for (enum kind k = HOLD_SMALL; k <= HOLD_WIPEONFORK; k++)
        curve(to, r, kinds[k].text, "memory", WAY_FORK, k, NOBODY);
}

static void
data_ways(FILE *to, const struct result *r)
{
    curve(to, r, "fork", "memory", WAY_FORK, HOLD_SMALL, NOBODY);
    for (enum way w = WAY_VFORK; w < WAYS; w++)
        curve(to, r, way_names[w], "ways", w, HOLD_SMALL, NOBODY);
}

static void
data_counts(FILE *to, const struct result *r)
{
    static const struct {
        const char *group;
        enum kind kind;
    } which[] = {
        {"tables", HOLD_SPARSE}, {"mappings", HOLD_MAPPINGS},
        {"mappings", HOLD_EMPTY}, {"threads", HOLD_THREADS},
        {"files", HOLD_FILES},
    };
    for (int i = 0; i < 5; i++)
        curve(to, r, which[i].kind == HOLD_SPARSE ? "page-table pages"
              : kinds[which[i].kind].text, which[i].group, WAY_FORK,
              which[i].kind, NOBODY);
}

static void
data_dirty(FILE *to, const struct result *r)
{
    curve(to, r, "by the child", "dirty", WAY_FORK, HOLD_SMALL, CHILD);
    curve(to, r, "by the parent, the child alive", "dirty", WAY_FORK,
          HOLD_SMALL, PARENT);
    curve(to, r, "by the parent, the child gone", "dirty", WAY_FORK,
          HOLD_SMALL, PARENT_LATE);
    curve(to, r, "by the child, each in a huge page", "dirty", WAY_FORK,
          HOLD_HUGE, CHILD);
}

// measured, fitted, name of the row
static void
data_fit(FILE *to, const struct result *r)
{
    for (int i = 0; i < r->plan.n_rows; i++) {
        const struct row *w = &r->plan.rows[i];
        double x[FIT_TERMS], measured = model_measured(w, BY_CORE);
        if (!w->in_fit || w->error || r->core.error || measured <= 0)
            continue;
        model_features(&r->plan, w, r->core.knee_mb, x);
        fprintf(to, "%g %g %s\n", measured, fit_predict(&r->core.fit, x),
                w->name);
    }
}

int
out_data(const char *dir, const struct result *r, char *path, size_t size)
{
    static const struct {
        const char *name;
        void (*write)(FILE *, const struct result *);
    } files[] = {
        {"memory", data_memory}, {"ways", data_ways}, {"counts", data_counts},
        {"dirty", data_dirty}, {"fit", data_fit},
    };
    for (int i = 0; i < 5; i++) {
        snprintf(path, size, "%s/fork-%s.dat", dir, files[i].name);
        FILE *f = fopen(path, "w");
        if (!f)
            return -errno;
        files[i].write(f, r);
        if (fclose(f) != 0)
            return -errno;
    }
    return 0;
}
