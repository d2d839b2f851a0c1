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

#define TEST(function, name) TEST_BY(kernel_test, function, name, "")

// Those that are about what is given back; one reference lost shall not fail
// all the others, too.
#define COUNTED(function, name) \
    TEST_BY(kernel_test_references, function, name, "")

TEST(returns, "returns")
TEST(memory, "memory")
TEST(stack, "stack")
TEST(registers, "registers")
COUNTED(descriptors, "descriptors")
TEST(many, "many")
TEST(wait_for, "wait")
COUNTED(zombies, "zombies")
TEST(orphans, "orphans")
TEST(exec, "exec")
TEST(tree, "tree")
TEST(vfork_waits, "vfork")
TEST(signals, "signals")
// So much is kept for init and its children that the rest is soon used up.
TEST_BY(kernel_test, inherits, "inherits", " reserve=3200")
COUNTED(failures, "failures")
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
