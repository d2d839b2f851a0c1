// SPDX-License-Identifier: MIT
// bench_chain.c -- what splitting is worth: k rare events in a row, each of
// chance p; how many timelines until the first bug?  Run by `make bench-chain`.
// Book: chapter 9.
//
// A split has 3/p children.  Beside ours stands the design that libsplit
// descends from, thrice: `original` is what it was measured with (medians of 21
// runs; they are not independent, for below the root its children draw the same
// numbers for every root seed); whether its roots are counted there is not
// known (its own statistic, total_timelines, leaves them out), so ours stands in
// both counts, and `children` are those without roots.  `model` is what its model in our tests needs in
// this very run, in as many experiments as ours; `mixed` is the same model where
// the children of each root have seeds of their own.
// Independent draws need about k/p timelines.  `least` is the median for draws
// that are spread so evenly that no two meet the same event, the best that any
// sequence can do which does not know the events: n of them meet an event of
// chance p with at most np.

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "bench.h"
#include "chain.h"

#define EXPERIMENTS 101           // with splits: our medians move by 2 of 100
#define EXPERIMENTS_PLAIN 21
#define PLAIN_MOST 20e6          // restarts that are run; more is calculated

static void
chain_met(void)
{
    split_bug("all events came");
}

// Timelines of the original to its first bug, medians of 21; 0: not measured.
static const struct {
    unsigned one_in, k;
    double fixed, adaptive;
} original[] = {
    {20, 2, 28, 28}, {20, 3, 51, 54}, {20, 4, 68, 68}, {20, 5, 81, 81},
    {50, 3, 78, 78}, {100, 3, 190, 190}, {100, 4, 266, 298},
};

// Until the bug: restarts without any split.
static double
plain(const struct chain *c, uint64_t seed, bool *is_run)
{
    double expected = pow(c->one_in, c->k), n = 0;

    *is_run = expected * log(2) * 4 < PLAIN_MOST;
    if (!*is_run)
        return expected * log(2);
    srand48((long)seed);
    for (;;) {
        unsigned met = 0;

        n++;
        while (met < c->k && drand48() * c->one_in < 1)
            met++;
        if (met == c->k)
            return n;
    }
}

// Timelines to the bug: all, and those that a split forked.
struct count {
    double all, children;
};

static struct count
explore(struct chain *chain, uint64_t seed, bool is_adaptive)
{
    struct split_config c = chain_config(chain, seed, is_adaptive);
    struct split_stats s;
    struct split *x;

    if (!(x = split_open(&c)) || split_run(x, chain_sim, chain) != 1) {
        fprintf(stderr, "bench_chain: %s\n", split_error(x));
        exit(1);
    }
    split_get_stats(x, &s);
    split_close(x);
    return (struct count){(double)s.timelines,
                          (double)(s.timelines - s.seeds)};
}

static double
median_plain(const struct chain *c, bool *is_run)
{
    double v[EXPERIMENTS_PLAIN];

    for (unsigned i = 0; i < EXPERIMENTS_PLAIN; i++)
        v[i] = plain(c, 1 + i, is_run);
    return bench_median(v, EXPERIMENTS_PLAIN);
}

static struct count
median_ours(struct chain *c, bool is_adaptive)
{
    double all[EXPERIMENTS], children[EXPERIMENTS];

    for (unsigned i = 0; i < EXPERIMENTS; i++) {
        struct count n = explore(c, 1 + i, is_adaptive);

        all[i] = n.all;
        children[i] = n.children;
    }
    return (struct count){bench_median(all, EXPERIMENTS),
                          bench_median(children, EXPERIMENTS)};
}

// What the model needs; chain_model.c.
static double
model_median(const char *program, const struct chain *c, bool is_adaptive,
             bool is_mixed)
{
    char command[4096];
    double median;
    FILE *p;

    snprintf(command, sizeof(command), "'%s' %u %u %s %d %s", program,
             c->one_in, c->k, is_adaptive ? "adaptive" : "fixed", EXPERIMENTS,
             is_mixed ? "mixed" : "as-is");
    p = popen(command, "r");
    if (!p || fscanf(p, "%lf", &median) != 1 || pclose(p)) {
        fprintf(stderr, "bench_chain: %s failed\n", command);
        exit(1);
    }
    return median;
}

struct cell {
    struct chain chain;
    bool is_run;                      // plain was, not calculated
    double plain;
    struct count fixed, adaptive;
    double their_fixed, their_adaptive;        // 0: not measured
    double model_fixed, model_adaptive, mixed_fixed, mixed_adaptive;
};

static void
print_cell(FILE *json, const struct cell *c, bool is_first)
{
    printf("1/%-4u %u %14.0f%s %6.0f %6.0f %5.0f  %6.0f %5.0f  %6.0f %5.0f  "
           "%6.0f %5.0f",
           c->chain.one_in, c->chain.k, c->plain, c->is_run ? " " : "*",
           c->chain.k * (c->chain.one_in + 1) / 2.0, c->fixed.all,
           c->adaptive.all, c->fixed.children, c->adaptive.children,
           c->model_fixed, c->model_adaptive, c->mixed_fixed,
           c->mixed_adaptive);
    if (c->their_fixed)
        printf("  %6.0f %5.0f", c->their_fixed, c->their_adaptive);
    puts("");
    fflush(stdout);
    fprintf(json, "%s\n  {\"one_in\": %u, \"k\": %u, \"plain\": %.0f, "
            "\"plain_is_calculated\": %s, \"fixed\": %.0f, "
            "\"adaptive\": %.0f, \"fixed_children\": %.0f, "
            "\"adaptive_children\": %.0f, \"model_fixed\": %.0f, "
            "\"model_adaptive\": %.0f, \"mixed_fixed\": %.0f, "
            "\"mixed_adaptive\": %.0f", is_first ? "" : ",",
            c->chain.one_in, c->chain.k, c->plain,
            c->is_run ? "false" : "true", c->fixed.all, c->adaptive.all,
            c->fixed.children, c->adaptive.children, c->model_fixed, c->model_adaptive, c->mixed_fixed,
            c->mixed_adaptive);
    if (c->their_fixed)
        fprintf(json, ", \"original_fixed\": %.0f, "
                "\"original_adaptive\": %.0f", c->their_fixed,
                c->their_adaptive);
    fputs("}", json);
}

static struct cell
measure(const char *model, struct chain chain)
{
    struct cell c = {.chain = chain, .is_run = true};

    c.plain = median_plain(&chain, &c.is_run);
    c.fixed = median_ours(&chain, false);
    c.adaptive = median_ours(&chain, true);
    c.model_fixed = model_median(model, &chain, false, false);
    c.model_adaptive = model_median(model, &chain, true, false);
    c.mixed_fixed = model_median(model, &chain, false, true);
    c.mixed_adaptive = model_median(model, &chain, true, true);
    for (size_t i = 0; i < sizeof(original) / sizeof(original[0]); i++)
        if (original[i].one_in == chain.one_in && original[i].k == chain.k) {
            c.their_fixed = original[i].fixed;
            c.their_adaptive = original[i].adaptive;
        }
    return c;
}

// How many cells of a column are above ours, and of how many.
struct tally {
    const char *of;
    unsigned above, cells;
};

static void
compare(struct tally *t, double ours, double theirs)
{
    if (theirs == 0)
        return;
    t->cells++;
    t->above += ours > theirs;
}

int
main(int argc, char **argv)
{
    static const unsigned one_in[] = {20, 50, 100};
    struct tally t[] = {{"the model", 0, 0}, {"the model, mixed", 0, 0},
                        {"the original, if that counts roots", 0, 0},
                        {"the original, if it does not", 0, 0},
                        {"our own fixed (adaptive only)", 0, 0}};
    FILE *json;

    if (argc < 3 || !(json = fopen(argv[1], "we"))) {
        fprintf(stderr, "usage: bench_chain FILE.json CHAIN_MODEL\n");
        return 2;
    }
    printf("timelines to the first bug, medians of %d, plain of %d (*: "
           "calculated); fixed, adaptive\n"
           "p      k          plain   least      ours       children        "
           "model        mixed     original\n", EXPERIMENTS, EXPERIMENTS_PLAIN);
    fputs("[", json);
    for (unsigned i = 0; i < 18; i++) {
        struct chain chain = {one_in[i / 6], i % 6 + 1};
        struct cell c = measure(argv[2], chain);

        print_cell(json, &c, i == 0);
        compare(&t[0], c.fixed.all, c.model_fixed);
        compare(&t[0], c.adaptive.all, c.model_adaptive);
        compare(&t[1], c.fixed.all, c.mixed_fixed);
        compare(&t[1], c.adaptive.all, c.mixed_adaptive);
        compare(&t[2], c.fixed.all, c.their_fixed);
        compare(&t[2], c.adaptive.all, c.their_adaptive);
        compare(&t[3], c.fixed.children, c.their_fixed);
        compare(&t[3], c.adaptive.children, c.their_adaptive);
        compare(&t[4], c.adaptive.all, c.fixed.all);
    }
    fputs("\n]\n", json);
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
        printf("ours is above %s in %u of %u cells\n", t[i].of, t[i].above,
               t[i].cells);
    return fclose(json) != 0;
}
