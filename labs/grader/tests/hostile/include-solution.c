// expect: does not compile 0
// The answer is somewhere in this repository.
#include "@TOP@/labs/grader/tests/lab/sum.c"
