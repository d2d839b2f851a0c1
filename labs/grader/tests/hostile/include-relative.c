// expect: does not compile 0
// The same, from where the file seems to be.
#include "../lab/sum.c"
