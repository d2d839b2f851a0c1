// SPDX-License-Identifier: MIT
// hold.c -- what a process holds when it forks: memory of several kinds,
// mappings, threads, descriptors.  Used by rounds.c.  Book: chapter 10.
#include "hold.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PAGE = 4096 };
static const size_t MB = 1 << 20, HUGE = 2 << 20;

const struct kind_info kinds[HOLD_KINDS] = {
    [HOLD_SMALL] = {"small", "MB", "private, 4 KiB pages"},
    [HOLD_HUGE] = {"huge", "MB", "private, huge pages"},
    [HOLD_SHARED] = {"shared", "MB", "shared"},
    [HOLD_DONTFORK] = {"dontfork", "MB", "MADV_DONTFORK"},
    [HOLD_WIPEONFORK] = {"wipeonfork", "MB", "MADV_WIPEONFORK"},
    [HOLD_SPARSE] = {"sparse", "page-table pages", "one page each 2 MiB"},
    [HOLD_MAPPINGS] = {"mappings", "mappings", "mappings, touched"},
    [HOLD_EMPTY] = {"empty", "mappings", "mappings, untouched"},
    [HOLD_THREADS] = {"threads", "threads", "sleeping threads"},
    [HOLD_FILES] = {"files", "descriptors", "open descriptors"},
};

long
hold_mb(enum kind kind, long amount)
{
    return kind <= HOLD_WIPEONFORK ? amount : 1;
}

// Map bytes, starting on a huge page's border.  What is cut off at both ends
// is unmapped, so that it is one mapping.
static char *
map_aligned(size_t bytes, int flags)
{
    char *p = mmap(NULL, bytes + HUGE, PROT_READ | PROT_WRITE,
                   flags | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    size_t before = -(uintptr_t)p % HUGE;
    if (before)
        munmap(p, before);
    munmap(p + before + bytes, HUGE - before);
    return p + before;
}

static int
hold_memory(struct held *h, enum kind kind, size_t bytes, size_t step)
{
    h->base = map_aligned(bytes, kind == HOLD_SHARED ? MAP_SHARED
                                                     : MAP_PRIVATE);
    if (!h->base)
        return -errno;
    h->bytes = bytes;
    // Never left to the system's default: where that is `always`, memory that
    // was meant to be in 4 KiB pages would not be.
    int advice = kind == HOLD_HUGE ? MADV_HUGEPAGE : MADV_NOHUGEPAGE;
    if (madvise(h->base, bytes, advice) < 0 &&
        (kind == HOLD_HUGE || errno != EINVAL))
        return kind == HOLD_HUGE && errno == EINVAL ? -ENOTSUP : -errno;
    if ((kind == HOLD_DONTFORK &&
         madvise(h->base, bytes, MADV_DONTFORK) < 0) ||
        (kind == HOLD_WIPEONFORK &&
         madvise(h->base, bytes, MADV_WIPEONFORK) < 0))
        return -errno;
    for (size_t at = 0; at < bytes; at += step)
        h->base[at] = 1;
    return 0;
}

// Neighbours of the same protection would be merged to one mapping, so every
// second page is made read-only, after it was written to.
static int
hold_mappings(struct held *h, size_t count, int touch)
{
    char *p = map_aligned(count * PAGE, MAP_PRIVATE);
    if (!p || (madvise(p, count * PAGE, MADV_NOHUGEPAGE) < 0 &&
               errno != EINVAL))
        return -errno;
    for (size_t i = 0; touch && i < count; i++)
        p[i * PAGE] = 1;
    for (size_t i = 1; i < count; i += 2)
        if (mprotect(p + i * PAGE, PAGE, PROT_READ) < 0)
            return -errno;
    h->base = p;
    h->bytes = count * PAGE;
    return 0;
}

static void *
sleeper(void *arg)
{
    for (;;)
        pause();
    return arg;
}

static int
hold_threads(long count)
{
    pthread_attr_t small;
    pthread_t id;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 64 << 10);
    int error = 0;
    for (long i = 0; i < count && !error; i++)
        error = pthread_create(&id, &small, sleeper, NULL);
    pthread_attr_destroy(&small);
    return -error;
}

static int
hold_files(long count)
{
    struct rlimit most;
    if (getrlimit(RLIMIT_NOFILE, &most) == 0) {
        most.rlim_cur = most.rlim_max;
        setrlimit(RLIMIT_NOFILE, &most);
    }
    for (long i = 0; i < count; i++)
        if (open("/dev/null", O_RDONLY) < 0)
            return -errno;
    return 0;
}

static void
look(struct held *h)
{
    char line[256];
    long n;
    FILE *f = fopen("/proc/self/maps", "r");
    for (int c; f && (c = getc(f)) != EOF;)
        h->mappings += c == '\n';
    if (f)
        fclose(f);
    f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "VmPTE: %ld", &n) == 1)
            h->table_kb = n;
    if (f)
        fclose(f);
    f = fopen("/proc/self/smaps", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "AnonHugePages: %ld", &n) == 1)
            h->huge_mb += (double)n / 1024;
    if (f)
        fclose(f);
}

int
hold(struct held *h, enum kind kind, long amount)
{
    int error = 0;
    memset(h, 0, sizeof *h);
    size_t n = (size_t)amount;
    if (amount == 0)
        ;
    else if (kind <= HOLD_WIPEONFORK)
        error = hold_memory(h, kind, n * MB, PAGE);
    else if (kind == HOLD_SPARSE)
        error = hold_memory(h, kind, n * HUGE, HUGE);
    else if (kind == HOLD_MAPPINGS || kind == HOLD_EMPTY)
        error = hold_mappings(h, n, kind == HOLD_MAPPINGS);
    else if (kind == HOLD_THREADS)
        error = hold_threads(amount);
    else
        error = hold_files(amount);
    if (error < 0)
        return error;
    look(h);
    if (kind == HOLD_HUGE && h->huge_mb < 0.9 * (double)amount)
        return -ENOTSUP;
    return 0;
}
