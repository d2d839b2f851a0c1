// expect: does not compile 0
// Keeps the compiler busy.
#define A int x
#include __FILE__
#include __FILE__
