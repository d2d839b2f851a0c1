// Nothing here is compiled: tests/extract.lua looks for these definitions.
/* not this one: int commented(void) { } */
#include <stdio.h>

#define ONE 1
// Two lines and a brace.
#define TWO(x) do { \
        (x) = '}'; \
    } while (0)

struct later;
int declared(int);
static int helper(void);

/* A comment of
 * two lines. */
static inline int helper(void) { return '{' + "}{"[0] + '\''; }

// Far away, not its comment.

// Adds; says "{" nowhere /* here
// either.
int
split_type(const char *text,
    int (*callback)(int, void *), void *data)
{
    if (text[0] == '{') {  // }
        return callback('"', data);
    }
    return 0; /* } */
}

struct point { int x, y; };

// A list.
typedef struct list {
    struct list *next;
    union { int i; char c; } value;
} list_t, *list_p;

enum colour {
    RED, /* } */
    GREEN,
} __attribute__((packed));

const char *const names[] = {
    "helper(void) {", [1] = "}",
};

int counter;
static const struct point origin = { 0, 0 };

#if defined(A)
int
either(int a)
{
#else
int
either(long a)
{
#endif
    return declared((int)a);
}

int kr_braces(void) {
    for (;;) { split_type("", 0, 0); }
}

__attribute__((noreturn)) static void
attributed(void) {
    for (;;)
        ;
}

typedef int (*handler)(int);

extern "C" {
int in_extern(void)
{
    return 1'000;
}
}

int twice_defined(void) { return 1; }
int twice_defined(long x) { return 2; }

int
last(void)
{
    int x = 0;  //> inner
    x++;
    if (x) {
        //> deeper
        x--;  //< deeper
    }
    return x;  //< inner
}
