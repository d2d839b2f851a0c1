// SPDX-License-Identifier: MIT
// grader.c -- grade one submission of one lab: the main program.
//
// Takes the submission in and builds it (submission.c), runs the lab's judge
// once a test (judge.c is its other half), and writes the result (report.c).
// It knows no lab by name: all it knows is in the lab's manifest (lab.c).
//
// Exit status: 0 graded to the end; 1 with --strict, not full marks; 64 the
// call is wrong; 65 the submission was refused or does not compile; 69 the
// machine lacks something; 70 the grader's own error; 74 no place to write.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cell.h"
#include "files.h"
#include "lab.h"
#include "report.h"
#include "submission.h"
#include "text.h"

enum { VERDICT_FD = 3, JUDGE_GRACE_MS = 20000, JOBS_MAX = 8 };

struct options {
    const char *lab, *submission, *test, *seed, *format, *out, *own, *tools;
    bool strict, gdb, hint;
    long tier;
};

static const char usage_text[] =
    "usage: grader --lab labs/NN-name [--submission DIR] [--test NAME]\n"
    "              [--seed HEX] [--format F] [--strict] [--out DIR]\n"
    "              [--hint [--tier N]] [--gdb] [--own DIR] [--tools DIR]\n";

static _Noreturn void
usage(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    exit(STATUS_USAGE);
}

static long
tier_of(const char *text)
{
    char *end;
    long tier = strtol(text, &end, 10);
    if (*end || tier < 1)
        usage("TIER=%s: how many hints you want is a number, from 1 on", text);
    return tier;
}

static struct options
parse(int argc, char **argv)
{
    static const struct option options[] = {
        {"lab", 1, NULL, 'l'},    {"submission", 1, NULL, 's'},
        {"test", 1, NULL, 't'},   {"seed", 1, NULL, 'r'},
        {"format", 1, NULL, 'f'}, {"out", 1, NULL, 'o'},
        {"own", 1, NULL, 'w'},    {"tools", 1, NULL, 'T'},
        {"strict", 0, NULL, 'S'}, {"gdb", 0, NULL, 'g'},
        {"hint", 0, NULL, 'h'},   {"tier", 1, NULL, 'n'},
        {NULL, 0, NULL, 0},
    };
    struct options o = {.format = "text", .tools = "build/labs/grader"};
    int c;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        const char **text = c == 'l' ? &o.lab : c == 's' ? &o.submission
            : c == 't' ? &o.test : c == 'r' ? &o.seed : c == 'f' ? &o.format
            : c == 'o' ? &o.out : c == 'w' ? &o.own : c == 'T' ? &o.tools
            : NULL;
        if (text)
            *text = optarg;
        else if (c == 'S')
            o.strict = true;
        else if (c == 'g')
            o.gdb = true;
        else if (c == 'h')
            o.hint = true;
        else if (c == 'n')
            o.tier = tier_of(optarg);
        else
            usage("%s", usage_text);
    }
    if (optind < argc || !o.lab)
        usage("%s", usage_text);
    if (!format_known(o.format))
        usage("FORMAT=%s: no such format; there are %s", o.format,
              format_names());
    return o;
}

// The seed: sixteen hexadecimal digits, given or drawn.
static char *
seed_of(const struct options *o)
{
    unsigned long long seed;
    if (o->seed) {
        char *end;
        errno = 0;
        seed = strtoull(o->seed, &end, 16);
        if (errno || end == o->seed || *end)
            usage("SEED=%s: up to 16 hexadecimal digits are wanted", o->seed);
    } else if (getrandom(&seed, sizeof seed, 0) != sizeof seed) {
        die("no random numbers: %s", strerror(errno));
    }
    return xasprintf("%016llx", seed);
}

// A test's own seed: FNV-1a of its name over the run's, so that one test run
// alone draws the same challenge.
static char *
test_seed(const char *seed, const char *test)
{
    unsigned long long h = strtoull(seed, NULL, 16) ^ 0xcbf29ce484222325;
    for (const char *p = test; *p; p++)
        h = (h ^ (unsigned char)*p) * 0x100000001b3;
    return xasprintf("%016llx", h);
}

static void
add_files(json_t *list, const char *dir, const char *inside)
{
    struct dirent **names;
    int n = scandir(dir, &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        if (names[i]->d_name[0] != '.' && names[i]->d_type != DT_DIR) {
            char *path = xasprintf("%s/%s", dir, names[i]->d_name);
            char *in = xasprintf("%s/%s", inside, names[i]->d_name);
            json_array_append_new(list, json_pack("[s,s]", path, in));
            free(path), free(in);
        }
        free(names[i]);
    }
    if (n >= 0)
        free(names);
}

// The job for the judge: see judge.c.
static char *
job_for(const struct options *o, const struct lab *l, const struct lab_test *t,
        const char *seed)
{
    json_t *files = json_array(), *limits = json_object();
    char *built = xasprintf("%s/built", o->out);
    char *parts = xasprintf("%s/parts", o->own);
    char *script = xasprintf("%s/tests/gdb.gdb", l->dir);
    add_files(files, built, "/built");
    add_files(files, parts, "/parts");
    for (size_t i = 0; i < LAB_LIMITS; i++)
        json_object_set_new(limits, lab_limit_names[i],
                            json_integer(lab_limit(l, t, i)));
    char *mine = test_seed(seed, t->name);
    json_t *job = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:s, s:o, s:o}", "test",
        t->name, "seed", mine, "submission", o->submission, "built", built, "own", o->own, "tools", o->tools,
        "isolated", (int)cell_isolated(NULL), "gdb", (int)o->gdb, "gdb_script",
        script, "files", files, "limits", limits);
    char *text = json_dumps(job, JSON_COMPACT);
    json_decref(job);
    free(built), free(parts), free(mine), free(script);
    return text;
}

static json_t *
broken(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *text = xvasprintf(fmt, ap);
    va_end(ap);
    text_clean(text, strlen(text));
    json_t *v = json_pack("{s:s, s:s, s:s}", "kind", "grader's own error",
                          "want", "the judge gives a verdict", "got", text);
    free(text);
    return v;
}

static char *
fd_text(int fd)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return xasprintf("%s", "");
    char *text = xcalloc(1, (size_t)st.st_size + 1);
    ssize_t n = pread(fd, text, (size_t)st.st_size, 0);
    text_clean(text, n < 0 ? 0 : (size_t)n);
    return text;
}

// Run one test in a judge of its own.
static json_t *
run_test(const struct options *o, const struct lab *l,
         const struct lab_test *t, const char *seed)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int said = memfd_create("said", MFD_CLOEXEC);
    int answer = memfd_create("verdict", MFD_CLOEXEC);
    char *judge = xasprintf("%s/%s", o->own, l->judge);
    char *job = job_for(o, l, t, seed);
    char *argv[] = {judge, job, NULL};
    struct sv_fd fds[] = {{0, null}, {1, said}, {2, said},
                          {VERDICT_FD, answer}};
    struct sv_spec spec = {
        .argv = argv,
        .fds = fds,
        .nfds = 4,
        .deadline_ms = 4 * lab_limit(l, t, 0) + JUDGE_GRACE_MS,
    };
    struct sv_result r;
    json_t *verdict = NULL;
    int error = supervise(&spec, &r);
    char *words = fd_text(said);
    if (error)
        verdict = broken("the judge could not be run: %s", strerror(-error));
    else if (r.end == SV_NOT_STARTED)
        verdict = broken("%s could not be started: %s", judge,
                         strerror(r.code));
    else if (r.timed_out)
        verdict = broken("the judge was still running at its deadline");
    else if (r.end != SV_EXITED || r.code != 0)
        verdict = broken("the judge ended with %s %d: %s",
                         r.end == SV_EXITED ? "status" : "signal", r.code,
                         words);
    if (!verdict) {
        char *text = fd_text(answer);
        json_error_t e;
        verdict = json_loads(text, 0, &e);
        if (!verdict || !json_is_string(json_object_get(verdict, "kind"))) {
            json_decref(verdict);
            verdict = broken("the judge gave no verdict: %s", words);
        }
        free(text);
    }
    free(words), free(judge), free(job);
    close(null), close(said), close(answer);
    return verdict;
}

// A test that is being run: the process that runs it, the file for its verdict.
struct running {
    const struct lab_test *test;
    pid_t pid;
    int verdict;
};

static struct running
start_test(const struct options *o, const struct lab *l,
           const struct lab_test *t, const char *seed)
{
    struct running r = {t, 0, memfd_create("verdict", MFD_CLOEXEC)};
    fflush(NULL);
    r.pid = fork();
    if (r.pid == 0) {
        json_t *verdict = run_test(o, l, t, seed);
        _exit(json_dumpfd(verdict, r.verdict, JSON_COMPACT) < 0);
    }
    if (r.pid < 0)
        die("cannot start a test: %s", strerror(errno));
    return r;
}

static json_t *
finish_test(const struct running *r)
{
    int status = 0;
    while (waitpid(r->pid, &status, 0) < 0 && errno == EINTR)
        ;
    char *text = fd_text(r->verdict);
    json_t *verdict = status == 0 ? json_loads(text, 0, NULL) : NULL;
    free(text);
    close(r->verdict);
    return verdict ? verdict : broken("the test's process died");
}

// As many tests at a time as there are processors; their order in the result
// is the manifest's.
static void
run_tests(const struct options *o, const struct lab *l,
          const struct lab_test *only, const char *seed, json_t *result)
{
    struct running running[JOBS_MAX];
    size_t started = 0, finished = 0, next = 0;
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    size_t jobs = cpus < 1 ? 1 : cpus > JOBS_MAX ? JOBS_MAX : (size_t)cpus;
    for (;;) {
        for (; next < l->ntests && started - finished < jobs; next++)
            if (!only || only == &l->tests[next])
                running[started++ % jobs] =
                    start_test(o, l, &l->tests[next], seed);
        if (started == finished)
            return;
        const struct running *r = &running[finished++ % jobs];
        json_t *verdict = finish_test(r);
        result_add(result, l, r->test, verdict);
        json_decref(verdict);
    }
}

// The judge, and through it the submission, with this terminal, under gdb.
static int
run_gdb(const struct options *o, const struct lab *l, const struct lab_test *t,
        const char *seed)
{
    char *judge = xasprintf("%s/%s", o->own, l->judge);
    char *job = job_for(o, l, t, seed);
    printf("gdb has the submission in test %s, seed %s.  No bounds, no "
           "isolation.\n", t->name, seed);
    fflush(stdout);
    signal(SIGINT, SIG_IGN);  // the terminal's ^C is for gdb
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, VERDICT_FD);
        execl(judge, judge, job, (char *)NULL);
        perror(judge);
        _exit(STATUS_BROKEN);
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    free(judge), free(job);
    return 0;
}

static bool
is_broken(const json_t *result)
{
    size_t i;
    json_t *t;
    json_array_foreach(json_object_get(result, "tests"), i, t) {
        const char *kind = json_string_value(
            json_array_get(json_object_get(t, "tags"), 0));
        if (kind && strcmp(kind, "grader's own error") == 0)
            return true;
    }
    return false;
}

static bool
save(const struct options *o, const json_t *result)
{
    char *path = xasprintf("%s/results.json", o->out);
    char *text = json_dumps(result, JSON_INDENT(2) | JSON_REAL_PRECISION(10));
    bool ok = text && make_dirs(o->out) && file_write(path, text, strlen(text));
    if (!ok)
        fprintf(stderr, "%s could not be written: %s\n", path, strerror(errno));
    free(text), free(path);
    return ok;
}

// What stands in results.json until the grading has come to its end, so that
// one that is cut short leaves no older result behind, and no good one.
static bool
save_unfinished(const struct options *o, const struct lab *l,
                const json_t *result)
{
    json_t *copy = json_deep_copy(result);
    result_stop(copy, l, "grader's own error", "The grading was cut short.");
    result_close(copy, 0);
    bool ok = save(o, copy);
    json_decref(copy);
    return ok;
}

// results.json, always, and the format asked for, on the terminal.
static int
publish(const struct options *o, const json_t *result, int status)
{
    format_print(stdout, o->format, result);
    if (!save(o, result))
        status = STATUS_OUTPUT;
    if (fflush(stdout) || ferror(stdout)) {
        fprintf(stderr, "the report could not be printed\n");
        status = STATUS_OUTPUT;
    }
    return status;
}

static double
now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

// Our own solutions link to the finished software.  By the words of the path,
// not by where it leads: a submission that is itself a link does not get there.
static bool
is_ours(const char *submission)
{
    return strncmp(submission, "solutions/", 10) == 0 &&
           !strstr(submission, "..");
}

static int
grade(struct options *o, const struct lab *l, const struct lab_test *only)
{
    double start = now();
    const char *why_not;
    char *why, *seed = seed_of(o), *parts = xasprintf("%s/parts", o->own);
    bool isolated = cell_isolated(&why_not);
    json_t *result = result_new(l, o->submission, seed, isolated, why_not);
    int status = 0, kind;

    if (!o->gdb && !save_unfinished(o, l, result))
        return STATUS_OUTPUT;
    if (!submission_take(l, o->submission, o->out, is_ours(o->submission), &why)) {
        result_stop(result, l, "refused", why);
        status = STATUS_SUBMISSION;
    } else if ((kind = submission_build(l, o->submission, parts, o->out,
                                        &why)) != JUDGE_PASS) {
        result_stop(result, l, kind == JUDGE_BROKEN ? "grader's own error"
                    : "does not compile", why);
        status = kind == JUDGE_BROKEN ? STATUS_BROKEN : STATUS_SUBMISSION;
    } else if (o->gdb) {
        return run_gdb(o, l, only, seed);
    } else {
        if (*why && strcmp(o->format, "text") == 0)
            printf("the compiler says:\n%s", why);
        if (only && l->ntests > 1)
            json_object_set_new(json_object_get(result, "extra_data"),
                                "only_one", json_true());
        run_tests(o, l, only, seed, result);
    }
    result_close(result, now() - start);
    if (status == 0 && is_broken(result))
        status = STATUS_BROKEN;
    if (o->strict)
        json_object_set_new(json_object_get(result, "extra_data"), "strict",
                            json_true());
    if (status == 0 && o->strict && !result_full_marks(result))
        status = 1;
    return publish(o, result, status);
}

// The first test that failed in the last grading, or the first of all.
static const struct lab_test *
stuck_at(struct options *o, const struct lab *l)
{
    char *path = xasprintf("%s/results.json", o->out);
    json_t *result = json_load_file(path, 0, NULL), *t;
    const struct lab_test *found = NULL;
    size_t i;
    // One that was asked for by its name was seen, hidden or not.
    bool alone = json_array_size(json_object_get(result, "tests")) == 1;
    json_array_foreach(json_object_get(result, "tests"), i, t) {
        const char *status = json_string_value(json_object_get(t, "status"));
        const char *name = json_string_value(json_object_get(t, "name"));
        const char *seen = json_string_value(json_object_get(t, "visibility"));
        if (!found && status && name && strcmp(status, "failed") == 0 && seen &&
            (alone || strcmp(seen, "visible") == 0))
            found = lab_find(l, name);
        if (o->gdb && found && found->debug)
            found = NULL;  // gdb cannot help there
    }
    if (result && !found)
        printf("Nothing that you can see failed in the last grading.\n");
    const char *seed = json_string_value(
        json_object_get(json_object_get(result, "extra_data"), "seed"));
    if (found && seed && !o->seed)
        o->seed = xasprintf("%s", seed);
    json_decref(result);
    free(path);
    return found;
}

static void
list_tests(const struct lab *l, bool debuggable)
{
    for (size_t i = 0; i < l->ntests; i++)
        if (strcmp(l->tests[i].visibility, "visible") == 0 &&
            !(debuggable && l->tests[i].debug))
            fprintf(stderr, "  %-22s %s\n", l->tests[i].name,
                    l->tests[i].title);
}

// The test for gdb: the one asked for, else the one that the last grading
// stopped at, with its seed.
static const struct lab_test *
debuggable(struct options *o, const struct lab *l, const struct lab_test *t)
{
    if (!t)
        t = stuck_at(o, l);
    if (t && t->debug)
        usage("gdb-%ld TEST=%s: no program of yours runs in this test. "
              "Instead:\n  %s", l->number, t->name, t->debug);
    if (!t) {
        fprintf(stderr, "gdb-%ld needs TEST=name, the test whose program gdb "
                "is to have:\n", l->number);
        list_tests(l, true);
        exit(STATUS_USAGE);
    }
    return t;
}

static int
hint(struct options *o, const struct lab *l, const struct lab_test *t)
{
    if (!t)
        t = stuck_at(o, l);
    if (!t) {
        printf("Hints are for a test: make lab-%ld, then make hint-%ld, or "
               "make hint-%ld TEST=name\n", l->number, l->number, l->number);
        return 0;
    }
    long tier = o->tier < 1 ? 1 : o->tier, have = 0;
    while (have < LAB_HINTS && t->hints[have])
        have++;
    printf("%s: %s\n", t->name, t->title);
    for (long i = 0; i < tier && i < have; i++)
        printf("\n%ld. %s\n", i + 1, t->hints[i]);
    if (tier < have)
        printf("\n%ld more: make hint-%ld TEST=%s TIER=%ld\n", have - tier,
               l->number, t->name, tier + 1);
    return 0;
}

int
main(int argc, char **argv)
{
    struct options o = parse(argc, argv);
    const struct lab *l = lab_read(o.lab);
    if (!l)
        return STATUS_BROKEN;
    const struct lab_test *only = o.test ? lab_find(l, o.test) : NULL;
    if (o.test && !only) {
        fprintf(stderr, "TEST=%s: lab %ld has no such test; it has\n", o.test,
                l->number);
        list_tests(l, false);
        return STATUS_USAGE;
    }
    if (!o.own)
        o.own = xasprintf("build/lab-%ld", l->number);
    if (!o.out)
        o.out = o.own;
    if (!o.submission)
        o.submission = o.lab;
    if (o.hint)
        return hint(&o, l, only);
    if (o.gdb)
        only = debuggable(&o, l, only);
    cell_setup(o.tools);
    return grade(&o, l, only);
}
