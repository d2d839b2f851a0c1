// SPDX-License-Identifier: MIT
// store.c -- a database that keeps everything in memory, serves writes, and
// saves itself by forking: how long does a write wait?  Book: chapter 10.
//   store [--json FILE] [MB]       a table, for 4 KiB pages and for huge ones
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, HUGE = 2 << 20, WINDOWS = 400, WINDOW_US = 500,
       BEFORE = 80, WRITES = 1 << 24 };

static char *store;
static size_t size;
static int gate[2];            // holds the child until the storm is over

// The worst write of each half millisecond, and all of a phase.
static float worst[WINDOWS];
static float *waits;
static long nwaits;

// Core time, so that other people's programs are not in it.  To read it takes
// a system call, some tenths of a microsecond, and that is in every wait.
static double
us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static uint64_t
next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void
note(double start, double t0, double t1)
{
    long w = (long)((t0 - start) / WINDOW_US);
    if (w >= 0 && w < WINDOWS && t1 - t0 > worst[w])
        worst[w] = (float)(t1 - t0);
    if (nwaits < WRITES)
        waits[nwaits++] = (float)(t1 - t0);
}

//> serve
// One request: overwrite 64 bytes somewhere.
static void
write_one(uint64_t *state)
{
    uint64_t key = next(state);
    memset(store + key % (size / 64) * 64, (int)(key >> 56), 64);
}

// Serve writes for a while; `start` is when the picture begins.
static double
serve(uint64_t *state, double start, double until)
{
    double t0 = us(), t1;
    while (t0 < until) {
        write_one(state);
        t1 = us();
        note(start, t0, t1);
        t0 = t1;
    }
    return t0;
}
//< serve

//> snapshot
// The child has the store as it was at the fork, for as long as it likes.
static pid_t
snapshot(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        uint64_t sum = 0;
        char c;
        for (size_t i = 0; i < size; i += 64)
            sum += (unsigned char)store[i];
        (void)!read(gate[0], &c, 1);
        _exit((int)(sum & 1));
    }
    return pid;
}
//< snapshot

static long
smaps(const char *key)
{
    char line[256];
    long kb, sum = 0;
    FILE *f = fopen("/proc/self/smaps_rollup", "r");
    size_t n = strlen(key);
    while (f && fgets(line, sizeof(line), f))
        if (strncmp(line, key, n) == 0 && sscanf(line + n, "%ld", &kb) == 1)
            sum += kb;
    if (f)
        fclose(f);
    return sum;
}

static int
ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

struct phase {
    double median, p99, p999, most;
    long n;
};

static struct phase
phase_of(float *from, long n)
{
    struct phase p = {0};
    qsort(from, (size_t)n, sizeof(*from), ascending);
    if ((p.n = n) > 0) {
        p.median = from[n / 2];
        p.p99 = from[n * 99 / 100];
        p.p999 = from[n * 999 / 1000];
        p.most = from[n - 1];
    }
    return p;
}

struct save {
    double fork_us;
    struct phase calm, storm;
    long faults, huge_before_mb, huge_after_mb, copied_mb;
};

static void
save(struct save *s, uint64_t *state)
{
    struct rusage u0, u1;
    memset(worst, 0, sizeof(worst));
    nwaits = 0;
    s->huge_before_mb = smaps("AnonHugePages:") / 1024;
    double start = us();
    serve(state, start, start + BEFORE * WINDOW_US);
    long calm = nwaits;
    getrusage(RUSAGE_SELF, &u0);
    double t0 = us();
    pid_t pid = snapshot();
    double t1 = us();
    if (pid < 0) {
        perror("store: fork");
        exit(1);
    }
    s->fork_us = t1 - t0;
    note(start, t0, t1);  // whoever came just then waited so long
    long storm = nwaits;
    serve(state, start, start + WINDOWS * WINDOW_US);
    getrusage(RUSAGE_SELF, &u1);
    s->faults = u1.ru_minflt - u0.ru_minflt;
    // Shared pages are nobody's own; what is, are the copies and the notes.
    s->copied_mb = smaps("Private_Dirty:") / 1024 -
                   (long)(sizeof(*waits) * WRITES >> 20);
    s->huge_after_mb = smaps("AnonHugePages:") / 1024;
    (void)!write(gate[1], "", 1);
    waitpid(pid, NULL, 0);
    s->calm = phase_of(waits, calm);
    s->storm = phase_of(waits + storm, nwaits - storm);
}

static void
json_save(FILE *f, const char *kind, int number, const struct save *s,
          const char *end)
{
    fprintf(f, "  {\"kind\": \"%s\", \"number\": %d, \"fork_us\": %.1f, "
            "\"faults\": %ld, \"copied_mb\": %ld, \"huge_mb\": %ld,\n"
            "   \"calm\": {\"median\": %.3f, \"p99\": %.3f, \"p999\": %.3f, "
            "\"most\": %.1f},\n"
            "   \"storm\": {\"median\": %.3f, \"p99\": %.3f, \"p999\": %.3f, "
            "\"most\": %.1f},\n   \"worst\": [",
            kind, number, s->fork_us, s->faults, s->copied_mb,
            s->huge_before_mb, s->calm.median, s->calm.p99, s->calm.p999,
            s->calm.most, s->storm.median, s->storm.p99, s->storm.p999,
            s->storm.most);
    for (int i = 0; i < WINDOWS; i++)
        fprintf(f, "%s{\"ms\": %.1f, \"us\": %.1f}", i ? ", " : "",
                (i - BEFORE) * WINDOW_US / 1e3, (double)worst[i]);
    fprintf(f, "]}%s\n", end);
}

static void
print_save(const char *kind, int number, const struct save *s)
{
    printf("%-6s %d  %8.0f  %5.2f %5.2f %6.1f  %5.2f %5.2f %6.1f %7ld %5ld "
           "%5ld\n",
           kind, number, s->fork_us, s->calm.median, s->calm.p99,
           s->calm.p999, s->storm.median, s->storm.p99, s->storm.p999,
           s->faults, s->copied_mb, s->huge_before_mb);
}

static int
take(int advice)
{
    store = mmap(NULL, size + HUGE, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (store == MAP_FAILED)
        return -errno;
    store += -(uintptr_t)store % HUGE;
    madvise(store, size, advice);
    memset(store, 1, size);
    return 0;
}

static void
machine(FILE *f)
{
    char line[256], cpu[128] = "unknown";
    struct utsname u = {0};
    FILE *info = fopen("/proc/cpuinfo", "r");
    while (info && fgets(line, sizeof(line), info))
        if (sscanf(line, "model name : %127[^\n]", cpu) == 1)
            break;
    if (info)
        fclose(info);
    uname(&u);
    fprintf(f, "{\"machine\": {\"cpu\": \"%s\", \"kernel\": \"%s %s\", "
            "\"cores\": %ld},\n \"mb\": %zu, \"saves\": [\n", cpu, u.sysname,
            u.release, sysconf(_SC_NPROCESSORS_ONLN), size >> 20);
}

int
main(int argc, char **argv)
{
    FILE *json = NULL;
    uint64_t state = 88172645463325252u;
    if (argc > 2 && strcmp(argv[1], "--json") == 0) {
        json = fopen(argv[2], "we");
        if (!json) {
            fprintf(stderr, "store: %s: %s\n", argv[2], strerror(errno));
            return 1;
        }
        argc -= 2, argv += 2;
    }
    size = (size_t)(argc > 1 ? atol(argv[1]) : 256) << 20;
    waits = mmap(NULL, sizeof(*waits) * WRITES, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    // Our own notes are not to be shared: a write to them is not to fault.
    madvise(waits, sizeof(*waits) * WRITES, MADV_DONTFORK);
    memset(waits, 0, sizeof(*waits) * WRITES);
    if (pipe(gate) < 0)
        return 1;
    if (json)
        machine(json);
    puts("pages save  fork us  calm: median, 99 %, 99.9 %   storm: the same"
         "   faults  copied  huge MB");
    for (int kind = 0; kind < 2; kind++) {
        if (take(kind ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) < 0)
            return 1;
        for (int number = 1; number <= 2; number++) {
            struct save s = {0};
            save(&s, &state);
            print_save(kind ? "huge" : "4 KiB", number, &s);
            if (json)
                json_save(json, kind ? "huge" : "small", number, &s,
                          kind && number == 2 ? "" : ",");
        }
        munmap(store, size);
    }
    if (json)
        fputs("]}\n", json);
    return json ? fclose(json) != 0 : 0;
}
