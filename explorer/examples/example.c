// SPDX-License-Identifier: MIT
// example.c -- the main program of all examples: options, running, reporting.

#include "example.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    OPT_SEED = 256, OPT_SEEDS, OPT_DEPTH, OPT_TIMELINES, OPT_ENERGY,
    OPT_ADAPTIVE, OPT_PROCESSES, OPT_STOP, OPT_REPLAY, OPT_HERE, OPT_SHRINK,
    OPT_TREE, OPT_MARKS, OPT_PROGRESS, OPT_JSON, OPT_HELP,
};

static const struct option options[] = {
    {"seed", required_argument, NULL, OPT_SEED},
    {"seeds", required_argument, NULL, OPT_SEEDS},
    {"depth", required_argument, NULL, OPT_DEPTH},
    {"timelines", required_argument, NULL, OPT_TIMELINES},
    {"energy", required_argument, NULL, OPT_ENERGY},
    {"adaptive", no_argument, NULL, OPT_ADAPTIVE},
    {"processes", required_argument, NULL, OPT_PROCESSES},
    {"stop", required_argument, NULL, OPT_STOP},
    {"replay", required_argument, NULL, OPT_REPLAY},
    {"here", no_argument, NULL, OPT_HERE},
    {"shrink", no_argument, NULL, OPT_SHRINK},
    {"tree", required_argument, NULL, OPT_TREE},
    {"marks", no_argument, NULL, OPT_MARKS},
    {"progress", no_argument, NULL, OPT_PROGRESS},
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

struct wishes {
    const char *replay, *tree;
    bool is_here, shrinks, marks;
};

static int
usage(const struct example *e, FILE *out, int status)
{
    fprintf(out, "%s: %s\n\n"
            "  --seed N --seeds N --depth N --timelines N --energy N\n"
            "  --adaptive --processes N --stop N     how to explore\n"
            "  --replay RECIPE                       follow a recipe\n"
            "  --here                                ... in this process, for "
            "a debugger\n"
            "  --shrink                              shrink the first recipe "
            "found\n"
            "  --tree FILE.svg|FILE.json --marks     what was explored\n"
            "  --progress --json                     while it runs\n",
            e->name, e->about);
    return status;
}

static uint64_t
number(const struct example *e, const char *option, const char *text)
{
    char *end;
    uint64_t n = strtoull(text, &end, 0);

    if (*end || !*text) {
        fprintf(stderr, "%s: --%s needs a number, not \"%s\"\n", e->name,
                option, text);
        exit(2);
    }
    return n;
}

static void
read_option(struct example *e, struct wishes *w, int opt, const char *option)
{
    struct split_config *c = &e->config;
    uint64_t n = 0;

    if ((opt >= OPT_SEED && opt <= OPT_ENERGY) || opt == OPT_PROCESSES ||
        opt == OPT_STOP)
        n = number(e, option, optarg);
    switch (opt) {
    case OPT_SEED:
        c->seed = n;
        break;
    case OPT_SEEDS:
        c->seeds = (unsigned)n;
        break;
    case OPT_DEPTH:
        c->max_depth = (unsigned)n;
        break;
    case OPT_TIMELINES:
        c->timelines = (unsigned)n;
        break;
    case OPT_ENERGY:
        c->energy = (int64_t)n;
        break;
    case OPT_ADAPTIVE:
        c->is_adaptive = true;
        break;
    case OPT_PROCESSES:
        c->width = SPLIT_PROCESSES;
        c->width_n = (unsigned)n;
        break;
    case OPT_STOP:
        c->stop_after = (unsigned)n;
        break;
    case OPT_REPLAY:
        w->replay = optarg;
        break;
    case OPT_HERE:
        w->is_here = true;
        break;
    case OPT_SHRINK:
        w->shrinks = true;
        break;
    case OPT_TREE:
        w->tree = optarg;
        c->keep_tree = true;
        break;
    case OPT_MARKS:
        w->marks = true;
        break;
    case OPT_PROGRESS:
        c->progress_fd = STDERR_FILENO;
        break;
    case OPT_JSON:
        c->stats_fd = STDOUT_FILENO;
        break;
    case OPT_HELP:
        exit(usage(e, stdout, 0));
    default:
        exit(usage(e, stderr, 2));
    }
}

static int
replay(struct split *x, const struct example *e, const struct wishes *w)
{
    struct split_recipe r;
    enum split_death death;
    char err[200];
    int code, status;

    if (split_recipe_parse(w->replay, &r, err, sizeof(err))) {
        fprintf(stderr, "%s: %s\n", e->name, err);
        return 2;
    }
    if (w->is_here) {
        status = split_replay_here(x, &r, e->sim, e->arg);
        printf("it returned %d\n", status);
    } else if ((status = split_replay(x, &r, e->sim, e->arg, &death,
                                      &code))) {
        fprintf(stderr, "%s: %s\n", e->name, split_error(x));
    } else {
        printf("%s %d\n", split_death_name(death), code);
    }
    split_recipe_free(&r);
    return status != 0;
}

static void
shrink(struct split *x, const struct example *e)
{
    const struct split_finding *f = split_finding(x, 0);
    struct split_recipe r = f->recipe;
    char *text;

    r.step = malloc((r.len ? r.len : 1) * sizeof(*r.step));
    if (!r.step)
        return;
    if (r.len)
        memcpy(r.step, f->recipe.step, r.len * sizeof(*r.step));
    if (split_shrink(x, &r, e->sim, e->arg) < 0)
        fprintf(stderr, "%s: %s\n", e->name, split_error(x));
    else if ((text = split_recipe_print(&r))) {
        printf("shortest: %s\n", text);
        free(text);
    }
    free(r.step);
}

static void
print_marks(const struct split *x)
{
    struct split_mark m;

    for (size_t i = 0; split_get_mark(x, i, &m); i++)
        printf("%s %-40s held %" PRIu64 ", not %" PRIu64 ", %" PRIu64
               " splits, %" PRIu64 " timelines\n", m.is_satisfied ? "+" : "-",
               m.name, m.pass, m.fail, m.splits, m.timelines);
}

static int
draw_tree(struct split *x, const char *path)
{
    size_t n = strlen(path);
    FILE *out;
    int e;

    if (n < 5 || strcmp(path + n - 5, ".json"))
        return split_tree_svg(x, path);
    if (!(out = fopen(path, "we")))
        return -1;
    e = split_tree_json(x, out);
    return fclose(out) ? -1 : e;
}

int
example_main(int argc, char **argv, struct example *e)
{
    struct wishes w = {0};
    struct split *x;
    int opt, index = 0, n, status = 0;

    e->config.name = e->name;
    while ((opt = getopt_long(argc, argv, "", options, &index)) >= 0)
        read_option(e, &w, opt, opt >= OPT_SEED ? options[index].name : "");
    if (!(x = split_open(&e->config))) {
        fprintf(stderr, "%s: %s\n", e->name, split_error(NULL));
        return 2;
    }
    if (w.replay) {
        status = replay(x, e, &w);
        split_close(x);
        return status;
    }
    n = split_run(x, e->sim, e->arg);
    if (n < 0) {
        fprintf(stderr, "%s: %s\n", e->name, split_error(x));
        status = 2;
    }
    for (int i = 0; i < n; i++) {
        char *line = split_finding_print(split_finding(x, (size_t)i));

        printf("%s\n", line ? line : "no memory");
        free(line);
    }
    if (n > 0 && w.shrinks)
        shrink(x, e);
    if (w.marks)
        print_marks(x);
    if (w.tree && draw_tree(x, w.tree)) {
        fprintf(stderr, "%s: %s: %s\n", e->name, w.tree, split_error(x));
        status = 2;
    }
    split_stats_json(x, stdout);
    split_close(x);
    return status;
}
