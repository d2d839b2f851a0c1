// expect: does not compile 0
// A few lines of source, no end of diagnostics.
#define A X; X; X; X; X; X; X; X;
#define B A A A A A A A A A A
#define C B B B B B B B B B B
#define D C C C C C C C C C C
int f(void) { D D D D D D D D D D return 0; }
