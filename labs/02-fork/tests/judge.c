// SPDX-License-Identifier: MIT
// judge.c -- the judge of lab 2: each test is one boot of the kernel with the
// submission's fork.c; see kernel/lab/kjudge.h.  Book: chapter 2.
#include "kjudge.h"

#define TEST(function, name) \
    static void \
    function(struct judge *j) \
    { \
        kernel_test(j, name, "cow=off"); \
    }

TEST(returns, "returns")
TEST(memory, "memory")
TEST(stack, "stack")
TEST(registers, "registers")
TEST(descriptors, "descriptors")
TEST(many, "many")
TEST(wait_for, "wait")
TEST(zombies, "zombies")
TEST(orphans, "orphans")
TEST(exec, "exec")
TEST(tree, "tree")
TEST(vfork_waits, "vfork")
TEST(signals, "signals")
TEST(failures, "failures")
TEST(no_memory, "no-memory")

static const struct judge_test tests[] = {
    { "returns", returns }, { "memory", memory }, { "stack", stack },
    { "registers", registers }, { "descriptors", descriptors },
    { "many", many }, { "wait", wait_for }, { "zombies", zombies },
    { "orphans", orphans }, { "exec", exec }, { "tree", tree },
    { "vfork", vfork_waits }, { "signals", signals },
    { "failures", failures }, { "no-memory", no_memory },
};

int
main(int argc, char **argv)
{
    JUDGE_MAIN(argc, argv, tests);
}
