// SPDX-License-Identifier: MIT
// edges.c -- counters of edges that the compiler put into the simulation, and
// what a sanitizer says last.  Read by child.c.  Book: chapter 9.
//
// With clang's -fsanitize-coverage=inline-8bit-counters each module (the
// program, each shared library) calls __sanitizer_cov_8bit_counters_init()
// before main.  Counters of code that libsplit does not know stay unused.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "child.h"

struct module {
    unsigned char *start, *stop;
    struct module *next;
};
static struct module *modules;      // in the order of their calls

// The compiler's names, so these two must be visible as they are.
__attribute__((visibility("default"))) void
__sanitizer_cov_8bit_counters_init(char *start, char *stop);
__attribute__((visibility("default"))) void
__sanitizer_cov_pcs_init(const uintptr_t *start, const uintptr_t *stop);

void
__sanitizer_cov_8bit_counters_init(char *start, char *stop)
{
    struct module **at = &modules, *m;

    // Each object file of a module calls, with the same range.
    for (; *at; at = &(*at)->next)
        if ((*at)->start == (unsigned char *)start)
            return;
    if (stop <= start || !(m = malloc(sizeof(*m)))) {
        if (stop > start)
            fputs("libsplit: no memory for a module's edges\n", stderr);
        return;
    }
    m->start = (unsigned char *)start;
    m->stop = (unsigned char *)stop;
    m->next = NULL;
    *at = m;
}

void
__sanitizer_cov_pcs_init(const uintptr_t *start, const uintptr_t *stop)
{
    (void)start, (void)stop;        // where the edges are is not needed
}

size_t
edges_count(void)
{
    size_t n = 0;

    for (const struct module *m = modules; m; m = m->next)
        n += (size_t)(m->stop - m->start);
    return n;
}

void
edges_clear(void)
{
    for (const struct module *m = modules; m; m = m->next)
        memset(m->start, 0, (size_t)(m->stop - m->start));
}

// A module that was loaded after split_open() has no room in the maps: the
// first n_edges are those that were there.
void
edges_collect(unsigned char *to)
{
    size_t room = self.world->n_edges;

    for (const struct module *m = modules; m; m = m->next) {
        size_t n = (size_t)(m->stop - m->start);

        if (n > room)
            break;
        novel_classify(to, m->start, n);
        to += n;
        room -= n;
    }
}

uint64_t
oom_kills(void)
{
    unsigned long long value = 0;
    char line[128];
    FILE *f = fopen("/proc/vmstat", "re");

    if (!f)
        return 0;
    while (fgets(line, sizeof(line), f))
        if (sscanf(line, "oom_kill %llu", &value) == 1)
            break;
    fclose(f);
    return value;
}
