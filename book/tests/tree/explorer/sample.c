// SPDX-License-Identifier: MIT
// sample.c -- what the tests of the book's pipeline show.

struct pair {
    int a, b;
};

// Adds what is "paired".
int
add(const struct pair *p)
{
    if (!p)  //> check
        return 0;  //< check
    return p->a + p->b;
}

static int
nobody_shows_me(void)
{
    return 1;
}

int
linked_only(void)
{
    return nobody_shows_me();
}
