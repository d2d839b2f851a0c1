// SPDX-License-Identifier: MIT
// judge.c -- the judge of lab 3: each test is one boot of the kernel with the
// submission's cow.c; see kernel/lab/kjudge.h.  Book: chapter 3.
#include "kjudge.h"

#define TEST_BY(how, function, name) \
    static void \
    function(struct judge *j) \
    { \
        how(j, name, ""); \
    }
#define TEST(function, name) TEST_BY(kernel_test, function, name)

TEST(values, "values")
TEST(saves, "saves")
TEST_BY(kernel_test_rights, one_page, "one-page")
TEST_BY(kernel_test_rights, takeover, "takeover")
TEST(stale, "stale")
TEST(kernel_writes, "kernel-writes")
TEST(rights, "rights")
TEST(shared, "shared")
TEST(generations, "generations")
TEST(exec, "exec")
TEST(rounds, "rounds")
TEST_BY(kernel_test_rights, failures, "failures")
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
