// expect: does not compile 0
// The same, through the working directory of whoever runs the compiler.
#include "/proc/1/cwd/labs/grader/tests/lab/sum.c"
