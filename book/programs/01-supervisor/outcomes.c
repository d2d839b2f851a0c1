// SPDX-License-Identifier: MIT
// outcomes.c -- print everything that `letters SCRIPT` can print, by taking
// every turn that a scheduler could take.  Book: chapter 1.
#include <ctype.h>
#include <string.h>
#include <sys/wait.h>

#include "demo.h"

enum { MAX_PROCS = 32 };

// The processes of the script.  They are simulated: none of them is real.
static struct {
    const char *next;  // what it does next; NULL once it has ended
    int parent;        // -1: the first, or already waited for
} procs[MAX_PROCS];
static int nprocs;
static char printed[100];

static const char *
after_group(const char *s)
{
    for (int depth = 1; depth > 0; s++)
        depth += *s == '(' ? 1 : *s == ')' ? -1 : 0;
    return s;
}

static void
add(const char *next, int parent)
{
    if (nprocs == MAX_PROCS)
        exit(2);
    procs[nprocs].next = next;
    procs[nprocs++].parent = parent;
}

// One step of process i that nobody can see, if its next step is one.
static int
step_unseen(int i)
{
    const char *s = procs[i].next;
    if (s == NULL || isupper((unsigned char)*s))
        return 0;
    procs[i].next = s + 1;
    if (*s == '\0' || *s == ')') {
        procs[i].next = NULL;
    } else if (*s == 'f') {
        add(s + 1, i);
    } else if (*s == '(') {
        add(s + 1, i);
        procs[i].next = after_group(s + 1);
    } else {  // w: passes at a dead child, or where there is none at all
        int children = 0;
        for (int c = 0; c < nprocs; c++) {
            if (procs[c].parent != i)
                continue;
            children++;
            if (procs[c].next == NULL) {
                procs[c].parent = -1;
                return 1;
            }
        }
        if (children > 0) {
            procs[i].next = s;
            return 0;
        }
    }
    return 1;
}

int
main(int argc, char *argv[])
{
    add(argc > 1 ? argv[1] : "A(B)wC", -1);
    for (;;) {
        // Unseen steps only make more steps possible: take them all.
        for (int i = 0; i < nprocs; i++)
            if (step_unseen(i))
                i = -1;

        int ready[MAX_PROCS], n = 0;  //> choose
        for (int i = 0; i < nprocs; i++)
            if (procs[i].next != NULL && isupper((unsigned char)*procs[i].next))
                ready[n++] = i;
        if (n == 0)
            break;

        // One of n could print now.  A child of ours tries each but the
        // last, from here to the end, on its own copy of all this.
        int turn = 0;
        while (turn < n - 1 && must(fork()) != 0) {
            must(wait(NULL));
            turn++;
        }
        strncat(printed, procs[ready[turn]].next++, 1);  //< choose
    }
    say("%s", printed);
    return 0;
}
