// SPDX-License-Identifier: MIT
// judge.c -- the judge of lab 2: each test is one boot of the kernel with the
// submission's fork.c; see kernel/lab/kjudge.h.  Book: chapter 2.
#include "kjudge.h"

#define TEST_BY(how, function, name, options) \
    static void \
    function(struct judge *j) \
    { \
        how(j, name, "cow=off" options); \
    }

// The first group may still be without a complete end of a process.
#define FIRST(function, name) TEST_BY(kernel_test, function, name, "")
#define TEST(function, name) \
    TEST_BY(kernel_test_references, function, name, "")

FIRST(returns, "returns")
FIRST(memory, "memory")
FIRST(stack, "stack")
FIRST(registers, "registers")
TEST(descriptors, "descriptors")
TEST(many, "many")
TEST(wait_for, "wait")
TEST(zombies, "zombies")
TEST(orphans, "orphans")
TEST(exec, "exec")
TEST(tree, "tree")
TEST(vfork_waits, "vfork")
TEST(signals, "signals")
// So much is kept for init and its children that the rest is soon used up.
TEST_BY(kernel_test_references, inherits, "inherits", " reserve=3200")
TEST(failures, "failures")
TEST(no_memory, "no-memory")

static const struct judge_test tests[] = {
    { "returns", returns }, { "memory", memory }, { "stack", stack },
    { "registers", registers }, { "descriptors", descriptors },
    { "many", many }, { "wait", wait_for }, { "zombies", zombies },
    { "orphans", orphans }, { "exec", exec }, { "tree", tree },
    { "vfork", vfork_waits }, { "signals", signals }, { "inherits", inherits },
    { "failures", failures }, { "no-memory", no_memory },
};

int
main(int argc, char **argv)
{
    JUDGE_MAIN(argc, argv, tests);
}
