// SPDX-License-Identifier: MIT
// judge.c -- the judge of lab 3: each test is one boot of the kernel with the
// submission's cow.c; see kernel/lab/kjudge.h.  Book: chapter 3.
#include "kjudge.h"

#define TEST(function, name) \
    static void \
    function(struct judge *j) \
    { \
        kernel_test(j, name, ""); \
    }

TEST(values, "values")
TEST(saves, "saves")
TEST(one_page, "one-page")
TEST(takeover, "takeover")
TEST(stale, "stale")
TEST(kernel_writes, "kernel-writes")
TEST(rights, "rights")
TEST(shared, "shared")
TEST(generations, "generations")
TEST(exec, "exec")
TEST(rounds, "rounds")
TEST(failures, "failures")
TEST(no_memory, "no-memory")

static const struct judge_test tests[] = {
    { "values", values }, { "saves", saves }, { "one-page", one_page },
    { "takeover", takeover }, { "stale", stale },
    { "kernel-writes", kernel_writes }, { "rights", rights },
    { "shared", shared }, { "generations", generations }, { "exec", exec },
    { "rounds", rounds }, { "failures", failures },
    { "no-memory", no_memory },
};

int
main(int argc, char **argv)
{
    JUDGE_MAIN(argc, argv, tests);
}
