// SPDX-License-Identifier: MIT
// main.c -- bench-fork: what a fork costs on this machine, and what it is made
// of.  Options, then rounds.c, model.c, failure.c, out.c.  Book: chapter 10.
#include "clock.h"
#include "out.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
    const char *json, *data;
    int quick, cpu;
    long most_mb, seconds;
};

static const char usage[] =
    "usage: bench-fork [--quick] [--seconds N] [--max-mb N] [--cpu N]\n"
    "                  [--json FILE] [--data DIR]\n"
    "  --quick      small amounts and few rounds: a look, not a measurement\n"
    "  --seconds N  no new round after N seconds (90)\n"
    "  --max-mb N   the largest private memory (1024)\n"
    "  --cpu N      measure on core N (the last one allowed)\n"
    "  --json FILE  write the figures there as well\n"
    "  --data DIR   write the data of the plots to DIR/fork-*.dat\n";

_Noreturn static void
bad(const char *what, const char *why)
{
    fprintf(stderr, "bench-fork: %s: %s\n%s", what, why, usage);
    exit(2);
}

static long
number(const char *option, const char *text, long least, long most)
{
    char *end, why[96];
    errno = 0;
    long n = strtol(text, &end, 10);
    if (end == text || *end || errno || n < least || n > most) {
        snprintf(why, sizeof why, "'%.24s' is not a number from %ld to %ld",
                 text, least, most);
        bad(option, why);
    }
    return n;
}

static struct options
parse(int argc, char **argv)
{
    struct options o = {.cpu = -1, .most_mb = 1024, .seconds = 90};
    static const struct option known[] = {
        {"quick", no_argument, NULL, 'q'},
        {"seconds", required_argument, NULL, 's'},
        {"max-mb", required_argument, NULL, 'm'},
        {"cpu", required_argument, NULL, 'c'},
        {"json", required_argument, NULL, 'j'},
        {"data", required_argument, NULL, 'd'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, ":h", known, NULL)) != -1;)
        switch (c) {
        case 'q': o.quick = 1; break;
        case 's': o.seconds = number("--seconds", optarg, 1, 3600); break;
        case 'm': o.most_mb = number("--max-mb", optarg, 1, 1024); break;
        case 'c': o.cpu = (int)number("--cpu", optarg, 0, 1023); break;
        case 'j': o.json = optarg; break;
        case 'd': o.data = optarg; break;
        case 'h': fputs(usage, stdout); exit(0);
        case ':': bad(argv[optind - 1], "needs a value");
        default: bad(argv[optind - 1], "there is no such option");
        }
    if (optind < argc)
        bad(argv[optind], "takes no arguments, only options");
    return o;
}

static void
measure(struct result *r, const struct options *o)
{
    char why[256];
    r->quick = o->quick;
    r->timing = (struct timing){.seconds = (double)o->seconds, .least = 3,
                                .most = MOST_ROUNDS, .visit_us = 4000,
                                .verbose = isatty(2)};
    if (o->quick) {
        r->timing.most = 4;
        r->timing.visit_us = 1000;
    }
    plan_make(&r->plan, o->quick && o->most_mb > 64 ? 64 : o->most_mb,
              r->machine.available_mb / 2, o->quick);
    r->failures_lost = failures_look(r->failures, &r->machine);
    if (rounds_run(&r->plan, &r->timing, why, sizeof why) < 0) {
        fprintf(stderr, "bench-fork: %s\n", why);
        exit(1);
    }
    plan_summarise(&r->plan);
    model_fit(&r->core, &r->plan, BY_CORE);
    model_fit(&r->wall, &r->plan, BY_WALL);
}

int
main(int argc, char **argv)
{
    // The program that WAY_SPAWN and WAY_FORK_EXEC start is this one.
    if (argc == 2 && strcmp(argv[1], WAY_EXIT_ARG) == 0)
        _exit(0);
    static struct result r;
    struct options o = parse(argc, argv);
    FILE *json = NULL;
    // Opened first: two minutes are a long time to find that out after.
    if (o.json && !(json = fopen(o.json, "we")))
        bad(o.json, strerror(errno));
    if (o.data && access(o.data, W_OK) < 0)
        bad(o.data, strerror(errno));
    machine_look(&r.machine);
    r.machine.pinned = pin(o.cpu);
    if (r.machine.pinned < 0)
        bad("--cpu", "this process may not run on that core");
    measure(&r, &o);
    out_table(stdout, &r);
    if (json) {
        out_json(json, &r);
        if (fclose(json) != 0)
            bad(o.json, strerror(errno));
    }
    char path[PATH_MAX];
    int error = o.data ? out_data(o.data, &r, path, sizeof path) : 0;
    if (error < 0)
        bad(path, strerror(-error));
    return 0;
}
