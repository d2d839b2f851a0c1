// SPDX-License-Identifier: MIT
// chain_model.c -- what the model of the original needs for a chain of events;
// started by bench_chain, beside its own figures.  Book: chapter 9.
//
//   chain_model ONE_IN K fixed|adaptive EXPERIMENTS as-is|mixed
//
// prints the median of the timelines to the first bug.  As it is, the children
// of every root draw the same numbers (defect 11), so all experiments share one
// draw below their roots; mixed, each experiment has children of its own, as
// the original would have without that defect.

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench.h"
#include "chain.h"

#define MOST 1001

extern bool model_is_mixed;

static _Atomic uint64_t *timelines;     // at the first bug; shared

// The original does not stop at a bug (defect 17): we stop all of it.
static void
chain_met(void)
{
    struct split_stats s;

    split_get_stats(NULL, &s);
    *timelines = s.timelines;
    kill(0, SIGKILL);
    for (;;)
        pause();
}

// A timeline ends with its simulation; the host's goes on to the next root.
static int
model_sim(void *arg)
{
    int code = chain_sim(arg);

    if (split_is_child())
        split_end(code);
    return code;
}

static double
experiment(struct chain *chain, unsigned i, bool is_adaptive, bool is_mixed)
{
    struct split_config c;
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        setpgid(0, 0);
        // Roots are seed, seed + 1, ...: none twice.
        c = chain_config(chain, (uint64_t)(i + 1) << 32, is_adaptive);
        model_is_mixed = is_mixed;
        split_run(split_open(&c), model_sim, chain);
        _exit(1);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status)) {
        fputs("chain_model: an experiment found no bug\n", stderr);
        exit(1);
    }
    return (double)*timelines;
}

int
main(int argc, char **argv)
{
    struct chain chain;
    unsigned n;
    double v[MOST];

    if (argc != 6 || (n = (unsigned)atoi(argv[4])) < 1 || n > MOST) {
        fputs("usage: chain_model ONE_IN K fixed|adaptive EXPERIMENTS "
              "as-is|mixed\n", stderr);
        return 2;
    }
    timelines = mmap(NULL, sizeof(*timelines), PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (timelines == MAP_FAILED)
        return 1;
    chain = (struct chain){(unsigned)atoi(argv[1]), (unsigned)atoi(argv[2])};
    for (unsigned i = 0; i < n; i++)
        v[i] = experiment(&chain, i, !strcmp(argv[3], "adaptive"),
                          !strcmp(argv[5], "mixed"));
    printf("%.0f\n", bench_median(v, n));
    return 0;
}
