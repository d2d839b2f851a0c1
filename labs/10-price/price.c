// SPDX-License-Identifier: MIT
// price.c -- lab 10: measure what a fork costs, fit a model to it, make the
// cheapest child that will do.  What each function has to do stands in price.h.
// Book: chapter 10.
//
// This is what one writes first.  It measures something, draws a line through
// something, and starts every program by fork().  `make lab-10` shows what the
// figures are worth; `make hint-10` gives advice.
#include "price.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int
price_measure(const struct price_ops *ops, const struct price_plan *plan,
              const struct price_question *questions, int n,
              struct price_answer *answers)
{
    for (int i = 0; i < n; i++) {
        double sum = 0;
        // TODO: pinned? its pages touched? of which kind are they?
        int place = ops->map(ops->machine, questions[i].pages);
        for (int s = 0; s < plan->samples; s++) {
            int64_t start = ops->now(ops->machine);
            int child = ops->fork(ops->machine, place);
            ops->reap(ops->machine, child);
            sum += (double)(ops->now(ops->machine) - start);
        }
        ops->unmap(ops->machine, place);
        // TODO: what does a mean make of one sample that took a second?
        answers[i] = (struct price_answer){.samples = plan->samples,
                                           .median = sum / plan->samples};
    }
    return 0;
}

int
price_fit(const struct price_row *rows, int n, struct price_model *model)
{
    memset(model, 0, sizeof(*model));
    // TODO: five terms, by least squares; this is the mean price of a page.
    for (int i = 0; i < n; i++)
        model->each[PRICE_PAGE] += rows[i].cost / (rows[i].pages + 1) / n;
    return 0;
}

int
price_spawn(const struct price_need *need, struct price_child *child)
{
    extern char **environ;
    *child = (struct price_child){.pidfd = -1};
    // TODO: is this the cheapest way?  Always?
    child->pid = fork();
    if (child->pid < 0)
        return -errno;
    if (child->pid == 0) {
        if (!need->path)
            _exit(need->run(need->arg));
        // TODO: the directory, the descriptors, prepare().
        execve(need->path, need->argv, need->envp ? need->envp : environ);
        _exit(127);  // TODO: and how does the parent learn why?
    }
    return 0;
}

int
price_wait(struct price_child *child, int *status)
{
    int raw;
    if (waitpid(child->pid, &raw, 0) < 0)
        return -errno;
    *status = WEXITSTATUS(raw);  // TODO: where a signal ended it?
    return 0;
}
