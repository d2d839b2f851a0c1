// SPDX-License-Identifier: MIT
// watch.c -- runs the test program under box64 and measures when it asks.
// The program is main.c; the blocks are found by ../probe.  Book: chapter 6.
//
//     watch GUEST [--json FILE] [--default] [--quiet] [--repair RULE]
//           [--callret N] [-- ARGUMENTS]
//     watch GUEST --leak [--quick] [--json FILE]
//
// GUEST is main.c built for x86-64; ARGUMENTS are its.  --default leaves
// box64's settings alone, as the report's own command does; else the counters
// are on, and the purge is (see settings[]).
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../probe/probe.h"

// Without PURGE box64 neither counts nor frees.  CALLRET keeps counts up while
// a block calls another one, which hides what we want to see.
static const char *const settings[][2] = {
    {"BOX64_DYNAREC_PURGE", "1"},
    {"BOX64_DYNAREC_PURGE_AGE", "10"},
    {"BOX64_DYNAREC_CALLRET", "0"},
    {"BOX64_DYNAREC", "1"},
    {"BOX64_NOBANNER", "1"},
    {"BOX64_LOG", "0"},
    {"BOX64_NORCFILES", "1"},
};
enum { SETTINGS = sizeof settings / sizeof settings[0] };
enum { FUNCTIONS = 8, MAX_LOOKS = 64 };

struct look {
    char what[64];
    int pid;
    struct {
        bool there;              // a block of it exists
        uint32_t in_used;
        uint64_t bytes;
    } hot[FUNCTIONS];
    unsigned blocks;             // of hot functions
    uint32_t held;               // their in_used, added
    uint64_t bytes;
    uint64_t mapped;             // bytes of memory for code, used or not
    unsigned others;             // further blocks that are held
    char other[256];             // which, and how often
};

struct run {
    struct look look[MAX_LOOKS];
    int looks, status;
    char version[32], layout[32];
    bool counting;
};

static const char *with_box64 = "box64-lab/with-box64";
static const char *repair_rule;  // of --repair
static const char *callret;      // of --callret

static void
die(const char *what)
{
    fprintf(stderr, "watch: %s: %s\n", what, strerror(errno));
    exit(1);
}

// ------------------------------------------------------------------ measuring

static void
add_other(struct look *l, const struct probe_block *b)
{
    size_t n = strlen(l->other);

    l->others++;
    snprintf(l->other + n, sizeof l->other - n, "%s%s=%" PRIu32,
             n ? ", " : "", b->name[0] ? b->name : "(no name)", b->in_used);
}

// Whether process `pid` sleeps in read(0), as /proc says it.  Where we may not
// read that: whether it sleeps.
static bool
is_reading(int pid)
{
    char path[64], line[512], *p;
    unsigned long fd;
    long number;
    bool yes = false;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/syscall", pid);
    if ((f = fopen(path, "re")) && fgets(line, sizeof line, f)) {
        yes = sscanf(line, "%ld %lx", &number, &fd) == 2 &&
              number == SYS_read && fd == 0;
        fclose(f);
        return yes;
    }
    if (f)
        fclose(f);
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    if (!(f = fopen(path, "re")))
        return false;
    // pid (name) state ...; the name may hold anything
    if (fgets(line, sizeof line, f) && (p = strrchr(line, ')')))
        yes = p[1] == ' ' && p[2] == 'S';
    fclose(f);
    return yes;
}

// The guest says what it wants looked at, and then waits.  Until it does it is
// on its way there: in no bridge, or in that of another call.
static void
await_reader(int pid)
{
    struct timespec moment = {0, 1000000};

    while (!is_reading(pid) && kill(pid, 0) == 0)
        nanosleep(&moment, NULL);
}

static bool
measure(int pid, const char *what, struct run *r)
{
    struct look *l = &r->look[r->looks];
    struct probe_view v;
    char text[512] = "";
    unsigned n;
    int end;

    if (r->looks == MAX_LOOKS)
        return false;
    *l = (struct look){.pid = pid};
    snprintf(l->what, sizeof l->what, "%s", what);
    await_reader(pid);
    if (probe(pid, NULL, &v, text, sizeof text) != PROBE_OK) {
        fprintf(stderr, "watch: %s\n", text);
        return false;
    }
    for (size_t i = 0; i < v.nblocks; i++) {
        const struct probe_block *b = &v.block[i];

        if (b->done && !b->gone && b->offset == 0 &&
            sscanf(b->name, "hot_compute_%u%n", &n, &end) == 1 &&
            b->name[end] == 0 && n < FUNCTIONS) {
            l->hot[n].there = true;
            l->hot[n].in_used += b->in_used;
            l->hot[n].bytes += b->native_size;
            l->blocks++;
            l->held += b->in_used;
            l->bytes += b->native_size;
        } else if (b->in_used != 0) {
            add_other(l, b);
        }
    }
    l->mapped = v.mapped;
    memcpy(r->version, v.version, sizeof r->version);
    memcpy(r->layout, v.layout, sizeof r->layout);
    r->counting = v.counting;
    r->looks++;
    probe_free(&v);
    return true;
}

static void
print_look(const struct look *l)
{
    static const char bar[] =
        "  +-----------------+------------------+----------+\n";

    printf("\n[Diagnostics] Measured in_used: %s (PID %d)\n%s", l->what,
           l->pid, bar);
    printf("  | Dynarec Block   | Measured in_used |    bytes |\n%s", bar);
    for (int i = 0; i < FUNCTIONS; i++)
        if (l->hot[i].there)
            printf("  | hot_compute_%-3d | %16" PRIu32 " | %8" PRIu64 " |\n", i,
                   l->hot[i].in_used, l->hot[i].bytes);
    printf("%s  | %-15s | %16" PRIu32 " | %8" PRIu64 " |\n%s", bar, "TOTAL",
           l->held, l->bytes, bar);
    printf("  held besides: %s\n", l->others ? l->other : "nothing");
}

// ------------------------------------------------------------------ repairing

// Let gdb change the counters of this process.
static bool
repair(int pid, const char *rule)
{
    char command[512];
    char text[256];
    bool done = false;
    FILE *f;

    // what the script says, and why it could not; not gdb's own words
    snprintf(command, sizeof command,
             "gdb -nx -batch -p %d -ex 'python rule = \"%s\"' "
             "-x box64-lab/gdb/repair.py 2>&1", pid, rule);
    printf("\n[gdb] the counters of PID %d, rule: %s\n", pid, rule);
    fflush(stdout);
    f = popen(command, "r");
    while (f && fgets(text, sizeof text, f)) {
        done = done || strncmp(text, "function ", 9) == 0;
        if (text[0] != '[' && (done || strncmp(text, "repair:", 7) == 0 ||
                               strstr(text, "ptrace") ||
                               strstr(text, "rror")))
            fputs(text, stdout);
    }
    return f && pclose(f) == 0 && done;
}

// -------------------------------------------------------------------- running

static void
start_guest(const char *guest, char *const *args, bool defaults, int in,
            int out)
{
    const char *argv[32] = {with_box64, guest, "--watched"};
    int n = 3;

    while (*args && n < 31)
        argv[n++] = *args++;
    argv[n] = NULL;
    for (int i = 0; !defaults && i < SETTINGS; i++)
        setenv(settings[i][0], settings[i][1], 1);
    if (callret)
        setenv("BOX64_DYNAREC_CALLRET", callret, 1);
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0)
        _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execv(with_box64, (char *const *)argv);
    fprintf(stderr, "watch: %s: %s\n", with_box64, strerror(errno));
    _exit(127);
}

// Run the guest to its end.  What it says goes to stdout unless quiet; where
// `only` is given, it is measured only at the looks whose names start so.
static bool
run_guest(const char *guest, char *const *args, bool defaults, bool quiet,
          const char *only, struct run *r)
{
    int to[2], from[2];
    char line[512];
    bool ok = true;
    pid_t pid;
    FILE *f;

    memset(r, 0, sizeof *r);
    fflush(stdout);
    if (pipe(to) != 0 || pipe(from) != 0)
        die("pipe");
    pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        close(to[1]);
        close(from[0]);
        start_guest(guest, args, defaults, to[0], from[1]);
    }
    close(to[0]);
    close(from[1]);
    f = fdopen(from[0], "r");
    while (ok && f && fgets(line, sizeof line, f)) {
        int who, at;

        if (sscanf(line, "@measure %d %n", &who, &at) == 1) {
            line[strcspn(line, "\n")] = 0;
            if (!only || strncmp(line + at, only, strlen(only)) == 0) {
                ok = measure(who, line + at, r);
                if (ok && !quiet)
                    print_look(&r->look[r->looks - 1]);
            }
            if (ok && repair_rule &&
                strcmp(line + at, "child 1, after fork") == 0)
                ok = repair(who, repair_rule);
            ok = ok && write(to[1], "", 1) == 1;
        } else if (!quiet) {
            fputs(line, stdout);
        }
        fflush(stdout);
    }
    close(to[1]);    // whoever still waits, ends
    if (f)
        fclose(f);
    if (waitpid(pid, &r->status, 0) != pid)
        die("waitpid");
    if (r->status != 0)
        fprintf(stderr, "watch: the guest ended with status 0x%x\n",
                (unsigned)r->status);
    return ok && r->status == 0;
}

// ----------------------------------------------------------------------- JSON

static void
json_look(FILE *f, const struct look *l)
{
    const char *comma = "";

    fprintf(f, "{\"what\": \"%s\", \"hot\": {", l->what);
    for (int i = 0; i < FUNCTIONS; i++)
        if (l->hot[i].there) {
            fprintf(f, "%s\"hot_compute_%d\": %" PRIu32, comma, i,
                    l->hot[i].in_used);
            comma = ", ";
        }
    fprintf(f, "}, \"blocks\": %u, \"held\": %" PRIu32 ", \"bytes\": %" PRIu64
            ", \"mapped\": %" PRIu64 ", \"others_held\": %u, "
            "\"others\": \"%s\"}", l->blocks, l->held, l->bytes, l->mapped,
            l->others, l->other);
}

static FILE *
open_json(const char *path)
{
    FILE *f = path ? fopen(path, "w") : NULL;

    if (path && !f)
        die(path);
    return f;
}

static void
json_run(FILE *f, const struct run *r)
{
    fprintf(f, "{\"box64\": \"%s\", \"layout\": \"%s\", \"counting\": %s,\n"
            " \"looks\": [", r->version, r->layout,
            r->counting ? "true" : "false");
    for (int i = 0; i < r->looks; i++) {
        fputs(i ? ",\n  " : "\n  ", f);
        json_look(f, &r->look[i]);
    }
    fputs("]}\n", f);
}

// ------------------------------------------------------------------- the leak

struct workload {
    const char *text;
    int workers, functions;
    bool exec, quick;            // quick: also with --quick
};

static const struct workload workloads[] = {
    {"no threads", 0, 4, false, true},
    {"threads", 1, 1, false, false},
    {"threads", 4, 1, false, false},
    {"threads", 8, 1, false, true},
    {"threads", 8, 2, false, false},
    {"threads", 8, 4, false, false},
    {"threads", 8, 8, false, true},
    {"fork and exec", 8, 4, true, true},
};
enum { WORKLOADS = sizeof workloads / sizeof workloads[0] };

static bool
run_workload(const char *guest, const struct workload *w, struct run *r)
{
    char workers[16], functions[16], runner[64];
    char *args[] = {"--workers", workers, "--functions", functions,
                    w->exec ? "--exec" : NULL, runner, NULL};

    snprintf(workers, sizeof workers, "%d", w->workers);
    snprintf(functions, sizeof functions, "%d", w->functions);
    snprintf(runner, sizeof runner, "%s", with_box64);
    return run_guest(guest, args, false, true, "child", r);
}

// The child of a run: as it was after the fork, and at the end.
static const struct look *
find(const struct run *r, const char *what)
{
    for (int i = 0; i < r->looks; i++)
        if (strncmp(r->look[i].what, "child", 5) == 0 &&
            strstr(r->look[i].what, what))
            return &r->look[i];
    return NULL;
}

static int
leak(const char *guest, const char *json, bool quick)
{
    const char *comma = "";
    FILE *f = open_json(json);
    static struct run r;

    printf("%-14s %7s %9s  %8s %7s %8s %7s %8s\n", "child of", "threads",
           "functions", "inherits", "in_used", "retains", "bytes", "mapped");
    if (f)
        fprintf(f, "{\"rows\": [");
    for (int i = 0; i < WORKLOADS; i++) {
        const struct workload *w = &workloads[i];
        const struct look *before, *after;

        if (quick && !w->quick)
            continue;
        if (!run_workload(guest, w, &r))
            return 1;
        before = find(&r, "after fork");
        after = find(&r, w->exec ? "after exec" : "after memory pressure");
        if (!before || !after)
            return 1;
        printf("%-14s %7d %9d  %8u %7" PRIu32 " %8u %7" PRIu64 " %8" PRIu64
               "\n", w->text, w->workers, w->functions, before->blocks,
               before->held, after->blocks, after->bytes, after->mapped);
        fflush(stdout);
        if (f)
            fprintf(f, "%s\n {\"child\": \"%s\", \"threads\": %d, "
                    "\"functions\": %d, \"inherited\": %u, \"held\": %" PRIu32
                    ", \"retained\": %u, \"bytes\": %" PRIu64
                    ", \"mapped\": %" PRIu64 "}",
                    comma, w->text, w->workers, w->functions,
                    before->blocks, before->held, after->blocks,
                    after->bytes, after->mapped);
        comma = ",";
    }
    if (f)
        fprintf(f, "],\n \"box64\": \"%s\"}\n", r.version);
    return f && fclose(f) != 0;
}

int
main(int argc, char **argv)
{
    const char *guest = argc > 1 ? argv[1] : NULL, *json = NULL;
    bool defaults = false, quiet = false, leaking = false;
    bool quick = false, ok;
    static struct run r;
    FILE *f;
    int i;

    for (i = 2; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0 && i + 1 < argc)
            json = argv[++i];
        else if (strcmp(argv[i], "--repair") == 0 && i + 1 < argc)
            repair_rule = argv[++i];
        else if (strcmp(argv[i], "--callret") == 0 && i + 1 < argc)
            callret = argv[++i];
        else if (strcmp(argv[i], "--default") == 0)
            defaults = true;
        else if (strcmp(argv[i], "--quiet") == 0)
            quiet = true;
        else if (strcmp(argv[i], "--leak") == 0)
            leaking = true;
        else if (strcmp(argv[i], "--quick") == 0)
            quick = true;
        else
            guest = NULL;
    if (!guest) {
        fprintf(stderr, "usage: watch GUEST [--json FILE] [--default] "
                        "[--quiet] [--repair RULE] [--callret N] "
                        "[--leak [--quick]] [-- ARGUMENTS]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    if (leaking)
        return leak(guest, json, quick);
    f = open_json(json);
    ok = run_guest(guest, argv + (i < argc ? i + 1 : argc), defaults, quiet,
                   NULL, &r);
    if (f) {
        json_run(f, &r);
        fclose(f);
    }
    if (!quiet && r.looks > 0)
        printf("\nbox64 %s, layout %s%s\n", r.version, r.layout,
               r.counting ? "" : "; BOX64_DYNAREC_PURGE is not 1: it does not "
                                 "count");
    return ok ? 0 : 1;
}
