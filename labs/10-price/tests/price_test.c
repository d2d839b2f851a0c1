// SPDX-License-Identifier: MIT
// price_test.c -- the suite `price`: the statistics, the fit, the plan and the
// model on data whose answer is known, then bench-fork itself, by what it
// writes: price_test PROGRAM PLOT.GP.  Prints TAP.  Book: chapter 10.
//
// Nothing here is about absolute times.  The ratios must hold on any machine;
// their bounds are far below what they are, and each has three attempts, whose
// number is printed.
#include "model.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PLAN = 25, ATTEMPTS = 3 };
static int ran, failed;
static const char *program, *plots;

// What was expected and what came goes on the line below.
__attribute__((format(printf, 3, 4))) static void
check(int good, const char *what, const char *format, ...)
{
    va_list args;
    printf("%s %d - %s\n# ", good ? "ok" : "not ok", ++ran, what);
    failed += !good;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

// ---------------------------------------------- statistics and the fit

static void
statistics(void)
{
    double odd[] = {5, 1, 4, 2, 3}, even[] = {4, 1, 3, 2}, one[] = {7};
    double wild[] = {10, 11, 12, 13, 1e9};
    struct stats s = stats_of(odd, 5);
    check(s.n == 5 && s.min == 1 && s.p25 == 2 && s.median == 3 && s.p75 == 4,
          "5 1 4 2 3: least, quarters and median", "1 2 3 4; %g %g %g %g",
          s.min, s.p25, s.median, s.p75);
    s = stats_of(even, 4);
    check(s.median == 2.5 && s.p25 == 1.75 && s.p75 == 3.25,
          "an even number of values is interpolated",
          "1.75 2.5 3.25; %g %g %g", s.p25, s.median, s.p75);
    s = stats_of(one, 1);
    struct stats none = stats_of(one, 0);
    check(s.min == 7 && s.median == 7 && s.p75 == 7 && none.n == 0 &&
          none.median == 0, "one value, and none", "7 7 7 0 0; %g %g %g %d %g",
          s.min, s.median, s.p75, none.n, none.median);
    check(stats_median(wild, 5) == 12, "one wild value moves no median",
          "12; %g", stats_median(wild, 5));
}

enum { N = 40, K = 3 };
static double x[N * K], y[N], w[N];

// y = 60 + 2 a + 0.03125 b, a small and b large, without noise: numbers that
// are exact in binary.
static void
exact_data(void)
{
    for (int i = 0; i < N; i++) {
        x[i * K] = 1;
        x[i * K + 1] = i % 7;
        x[i * K + 2] = (i * 37 % 41) * 4096;
        y[i] = 60 + 2 * x[i * K + 1] + 0.03125 * x[i * K + 2];
        w[i] = 1;
    }
}

static void
fits(void)
{
    struct fit f;
    exact_data();
    int e = fit_solve(&f, x, y, w, N, K);
    check(e == 0 && fabs(f.coef[0] - 60) < 1e-6 &&
          fabs(f.coef[1] - 2) < 1e-7 && fabs(f.coef[2] - 0.03125) < 1e-11 &&
          f.r2 > 1 - 1e-12 && f.error[0] < 1e-6,
          "data made by a model gives that model back",
          "60 2 0.03125, R2 1; %.9g %.9g %.9g, %.12g (%d)", f.coef[0],
          f.coef[1], f.coef[2], f.r2, e);

    // By hand: (0,0) (1,1) (2,1) (3,3) (4,5).  Slope 12/10, R2 = 14.4/16.
    double line[] = {1, 0, 1, 1, 1, 2, 1, 3, 1, 4}, at[] = {0, 1, 1, 3, 5};
    e = fit_solve(&f, line, at, w, 5, 2);
    check(e == 0 && fabs(f.coef[1] - 1.2) < 1e-12 &&
          fabs(f.coef[0] + 0.4) < 1e-12 && fabs(f.r2 - 0.9) < 1e-12 &&
          fabs(f.error[1] - sqrt(1.6 / 3 / 10)) < 1e-12,
          "a small one that was calculated by hand",
          "-0.4 1.2, R2 0.9, +- 0.23094; %.9g %.9g, %.9g, %.5f", f.coef[0],
          f.coef[1], f.r2, f.error[1]);

    // (0,0) and (1,1) count for nothing: through (2,1), (3,3), (4,5).
    double some[] = {0, 0, 1, 1, 1};
    e = fit_solve(&f, line, at, some, 5, 2);
    // A weight of 3 counts as 9 points: (0 + 9 * 10) / 10.
    double ones[] = {1, 1}, apart[] = {0, 10}, heavy[] = {1, 3};
    struct fit g;
    e += fit_solve(&g, ones, apart, heavy, 2, 1);
    check(e == 0 && fabs(f.coef[1] - 2) < 1e-12 &&
          fabs(f.coef[0] + 3) < 1e-12 && fabs(g.coef[0] - 9) < 1e-12,
          "no weight removes a point, a weight of 3 makes 9 of it",
          "-3 2 9; %.9g %.9g %.9g", f.coef[0], f.coef[1], g.coef[0]);

    // A cause that no term knows: R2 has to say so.
    for (int i = 0; i < N; i++)
        y[i] = (i * 7919 % 101) * 100;
    e = fit_solve(&f, x, y, w, N, K);
    check(e == 0 && f.r2 < 0.3, "data of another cause gives a bad fit",
          "R2 below 0.3; %.4f", f.r2);
    // And one that bends: the square of a number is no multiple of it.
    for (int i = 0; i < N; i++)
        y[i] = pow((i * 37 % 41) - 20, 2);
    e = fit_solve(&f, x, y, w, N, K);
    check(e == 0 && f.r2 < 0.5, "a parabola is no line", "R2 below 0.5; %.4f",
          f.r2);

    exact_data();
    for (int i = 0; i < N; i++)
        x[i * K + 2] = 512 * x[i * K + 1];
    e = fit_solve(&f, x, y, w, N, K);
    int few = fit_solve(&f, x, y, w, K, K);
    int many = fit_solve(&f, x, y, w, N, FIT_TERMS + 1);
    check(e == -EDOM && few == -EINVAL && many == -EINVAL,
          "terms that cannot be told apart, too few points, too many terms",
          "%d %d %d; %d %d %d", -EDOM, -EINVAL, -EINVAL, e, few, many);
}

// ---------------------------------------------- the plan and the model

static struct plan p;

static void
plan(void)
{
    plan_make(&p, 1024, 1 << 20, 0);
    long all = p.total_mb, rows = p.n_rows;
    check(p.top_mb == 1024 && plan_row(&p, "fork/small/1024") &&
          plan_row(&p, "fork/wipeonfork/1024") &&
          plan_row(&p, "posix_spawn/small/1024") &&
          !plan_row(&p, "fork/small/2048"),
          "with room for it, memory goes to 1 GB", "1024; %ld, %ld MB in all",
          p.top_mb, all);
    plan_make(&p, 1024, 2000, 0);
    check(p.total_mb <= 2000 && p.top_mb < p.most_mb && p.top_mb >= 128 &&
          p.most_mb == 1024 && p.n_rows < rows,
          "with less room, it is cut, and known to be",
          "at most 2000 MB, 128 to 512 of 1024; %ld MB, %ld of %ld",
          p.total_mb, p.top_mb, p.most_mb);
}

static double
known_cost(const double f[FIT_TERMS])
{
    static const double us[FIT_TERMS] = {60, 2, 3, 0.0625, 2.5, 1.75,
                                          0.03125};
    double sum = 0;
    for (int i = 0; i < FIT_TERMS; i++)
        sum += us[i] * f[i];
    return sum;
}

// Rows "measured" by a formula: first the model's own, then one in which the
// price of a fork has nothing to do with what is held.
static void
model_known(void)
{
    struct model m;
    double f[FIT_TERMS];
    plan_make(&p, 1024, 1 << 20, 0);
    for (int i = 0; i < p.n_rows; i++) {
        model_features(&p, &p.rows[i], 128, f);
        p.rows[i].rounds = 2 * SETS;
        for (int s = 0; s < SETS; s++) {
            p.rows[i].set_core[s] = known_cost(f);
            p.rows[i].set_wall[s] = 100 + (i * 7919 + s * 31) % 101;
        }
    }
    model_fit(&m, &p, BY_CORE);
    check(m.error == 0 && m.fit.r2 > 1 - 1e-9 && m.worst < 1e-6 &&
          fabs(m.fit.coef[0] - 60) < 1e-4 && fabs(m.fit.coef[1] - 2) < 1e-5 &&
          fabs(m.fit.coef[2] - 3) < 1e-5 &&
          fabs(m.fit.coef[3] - 0.0625) < 1e-7 &&
          fabs(m.fit.coef[4] - 2.5) < 1e-6 &&
          fabs(m.fit.coef[5] - 1.75) < 1e-6 &&
          fabs(m.fit.coef[6] - 0.03125) < 1e-7 && m.knee_mb == 128,
          "the rows of a full run tell all terms apart, and find the knee",
          "60 2 3 0.0625 2.5 1.75 0.03125 from 128 MB; %.6g %.6g %.6g %.6g "
          "%.6g %.6g %.6g from %ld MB (%d)",
          m.fit.coef[0], m.fit.coef[1], m.fit.coef[2], m.fit.coef[3],
          m.fit.coef[4], m.fit.coef[5],
          m.fit.coef[6], m.knee_mb, m.error);
    model_fit(&m, &p, BY_WALL);
    check(m.error == 0 && m.fit.r2 < 0.5 && m.worst > 0.1,
          "costs that have another cause are no good fit",
          "R2 below 0.5, worst above 0.1; %.4f, %.2f", m.fit.r2, m.worst);
}

// ---------------------------------------------------- the program itself

static char work[] = "/tmp/price-test.XXXXXX";

// Run PROGRAM with arguments; what it says on both outputs is in said.
// Returns its exit status, or -1.
static int
run(char *said, size_t size, char *const argv[])
{
    int out[2], status;
    if (pipe(out) < 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        dup2(out[1], 1);
        dup2(out[1], 2);
        close(out[0]);
        close(out[1]);
        execv(program, argv);
        _exit(127);
    }
    close(out[1]);
    size_t have = 0;
    ssize_t n;
    char rest[4096];
    while ((n = read(out[0], rest, sizeof rest)) > 0) {
        size_t fits_in = size - 1 - have;
        if ((size_t)n < fits_in)
            fits_in = (size_t)n;
        memcpy(said + have, rest, fits_in);
        have += fits_in;
    }
    said[have] = '\0';
    close(out[0]);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

static void
arguments(void)
{
    static const struct {
        const char *option, *value, *message;
    } bad[] = {
        {"--fast", NULL, "--fast: there is no such option"},
        {"--seconds", NULL, "--seconds: needs a value"},
        {"--seconds", "0", "--seconds: '0' is not a number from 1"},
        {"--max-mb", "64k", "--max-mb: '64k' is not a number from 1 to 1024"},
        {"--cpu", "1023", "--cpu: this process may not run on that core"},
        {"--json", "/nowhere/x", "/nowhere/x: No such file or directory"},
        {"--data", "/nowhere", "/nowhere: No such file or directory"},
        {"--quick", "64", "64: takes no arguments, only options"},
    };
    int good = 1;
    char said[8192], wrong[256] = "";
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char *argv[] = {"bench-fork", (char *)bad[i].option,
                        (char *)bad[i].value, NULL};
        int status = run(said, sizeof said, argv);
        if (status == 2 && strstr(said, bad[i].message) &&
            strstr(said, "usage:"))
            continue;
        good = 0;
        said[strcspn(said, "\n")] = '\0';
        snprintf(wrong, sizeof wrong, "; %s %s gave %d, '%.90s'",
                 bad[i].option, bad[i].value ? bad[i].value : "", status,
                 said);
    }
    check(good, "bad arguments: status 2, what is wrong, and the usage",
          "%zu tried%s", sizeof bad / sizeof *bad, wrong);
}

static json_t *
quick(char *said, size_t size, int *status)
{
    char file[64];
    json_error_t e;
    snprintf(file, sizeof file, "%s/fork.json", work);
    unlink(file);
    char *argv[] = {"bench-fork", "--quick", "--json", file, "--data", work,
                    NULL};
    *status = run(said, size, argv);
    return json_load_file(file, 0, &e);
}

static double
number(const json_t *in, const char *key)
{
    const json_t *n = json_object_get(in, key);
    return json_is_number(n) ? json_number_value(n) : NAN;
}

static const char *const wanted[] = {
    "fork/small/0", "fork/small/1", "fork/small/4", "fork/small/16",
    "fork/small/64", "fork/huge/16", "fork/huge/64", "fork/shared/16",
    "fork/shared/64", "fork/dontfork/16", "fork/dontfork/64",
    "fork/wipeonfork/16", "fork/wipeonfork/64", "vfork/small/0",
    "vfork/small/16", "vfork/small/64", "clone3_vm_vfork/small/0",
    "clone3_vm_vfork/small/16", "clone3_vm_vfork/small/64",
    "clone_pidfd/small/0", "clone_pidfd/small/16", "clone_pidfd/small/64",
    "fork_exec/small/0", "fork_exec/small/16", "fork_exec/small/64",
    "posix_spawn/small/0", "posix_spawn/small/16", "posix_spawn/small/64",
    "pthread_create/small/0", "pthread_create/small/16",
    "pthread_create/small/64", "pool/small/0", "pool/small/16",
    "pool/small/64", "fork/sparse/16", "fork/sparse/64", "fork/mappings/64",
    "fork/mappings/512", "fork/empty/64", "fork/empty/512",
    "fork/threads/1", "fork/threads/16", "fork/files/64", "fork/files/512",
    "fork/small/64/child/1", "fork/small/64/child/64",
    "fork/small/64/child/512", "fork/small/64/parent/1",
    "fork/small/64/parent/64", "fork/small/64/parent/512",
    "fork/small/64/parent_late/1", "fork/small/64/parent_late/64",
    "fork/small/64/parent_late/512", "fork/huge/64/child/1",
    "fork/huge/64/child/8", "fork/huge/64/child/32",
};
enum { WANTED = sizeof wanted / sizeof *wanted };

static const json_t *
find(const json_t *rows, const char *name)
{
    size_t i;
    const json_t *r;
    json_array_foreach(rows, i, r) {
        const char *n = json_string_value(json_object_get(r, "name"));
        if (n && strcmp(n, name) == 0)
            return r;
    }
    return NULL;
}

// A row is whole if it was measured, or if it is of huge pages and this
// machine gives none, and says so.
static int
whole(const json_t *r)
{
    const char *error = json_string_value(json_object_get(r, "error"));
    const char *holds = json_string_value(json_object_get(r, "holds"));
    if (error)
        return holds && strcmp(holds, "huge") == 0;
    const json_t *core = json_object_get(r, "core_us");
    const json_t *wall = json_object_get(r, "wall_us");
    return number(r, "samples") >= 3 && number(wall, "median") > 0 &&
           number(core, "median") > 0 &&
           number(wall, "min") <= number(wall, "p25") &&
           number(wall, "p25") <= number(wall, "median") &&
           number(wall, "median") <= number(wall, "p75");
}

static void
rows_whole(const json_t *all, const char *table)
{
    const json_t *rows = json_object_get(all, "rows");
    const char *missing = NULL;
    int tabled = 1;
    for (int i = 0; i < WANTED; i++) {
        const json_t *r = find(rows, wanted[i]);
        if (!r || !whole(r))
            missing = wanted[i];
        tabled = tabled && strstr(table, wanted[i]);
    }
    check(!missing && json_array_size(rows) == WANTED && tabled,
          "every row is there, measured, in the JSON and in the table",
          "%d; %zu, missing: %s, table %s", WANTED, json_array_size(rows),
          missing ? missing : "none", tabled ? "whole" : "not whole");
}

// Faults are counted by the kernel: a child that writes to n pages has n
// faults more than one that writes to none, whatever the machine.
static void
faults(const json_t *all)
{
    const json_t *rows = json_object_get(all, "rows");
    double none = number(find(rows, "fork/small/64"), "faults_child");
    double child = number(find(rows, "fork/small/64/child/512"),
                          "faults_child");
    double parent0 = number(find(rows, "fork/small/64"), "faults_parent");
    double parent = number(find(rows, "fork/small/64/parent/512"),
                           "faults_parent");
    double late = number(find(rows, "fork/small/64/parent_late/512"),
                         "faults_parent");
    check(fabs(child - none - 512) <= 8 && fabs(parent - parent0 - 512) <= 8 &&
          fabs(late - parent0 - 512) <= 8,
          "512 pages written to are 512 faults, on the side that writes",
          "512 each, give or take 8; child %g, parent %g, late %g",
          child - none, parent - parent0, late - parent0);
}

static void
model(const json_t *all)
{
    const json_t *fit = json_object_get(all, "fit");
    const json_t *terms = json_object_get(fit, "terms");
    const json_t *left = json_object_get(fit, "residuals"), *r;
    size_t i, in_fit = 0;
    int sound = 1;
    json_array_foreach(left, i, r) {
        double m = number(r, "measured_us"), f = number(r, "fitted_us");
        sound = sound && m > 0 &&
                fabs(m - f - number(r, "residual_us")) <= 1e-4 * m + 1e-4 &&
                fabs((m - f) / m - number(r, "relative")) <= 1e-3;
        in_fit++;
    }
    check(number(fit, "r2") <= 1 && json_array_size(terms) == FIT_TERMS &&
          in_fit == 15 && sound, "the fit has its terms, and a residual a row",
          "%d terms, 15 residuals, sound; %zu, %zu, %s", FIT_TERMS,
          json_array_size(terms), in_fit, sound ? "sound" : "not sound");
}

static void
failures(const json_t *all)
{
    const json_t *list = json_object_get(all, "failures"), *f;
    char said[512] = "";
    int good = 1;
    size_t i;
    double mode = number(json_object_get(all, "machine"), "overcommit");
    json_array_foreach(list, i, f) {
        const char *name = json_string_value(json_object_get(f, "name"));
        const char *result = json_string_value(json_object_get(f, "result"));
        if (!name || !result || number(f, "tried") != 1)
            continue;
        size_t have = strlen(said);
        snprintf(said + have, sizeof said - have, " %s=%s", name, result);
        const char *due = NULL;
        if (strcmp(name, "mmap_twice_memory") == 0)
            due = mode == 1 ? "ok" : "ENOMEM";
        else if (strcmp(name, "mmap_rlimit_as") == 0)
            due = "ENOMEM";
        else if (strcmp(name, "fork_rlimit_as") == 0)
            due = "ok";
        else if (strcmp(name, "fork_promise") == 0)
            due = mode == 2 ? "ENOMEM" : "ok";
        else if (strcmp(name, "fork_rlimit_nproc") == 0)
            due = "EAGAIN";
        good = good && (!due || strcmp(due, result) == 0);
    }
    check(good && json_array_size(list) == 6 && strstr(said, "rlimit_as"),
          "failures look as this machine's overcommit mode says",
          "mode %g:%s", mode, said);
}

static void
machine(const json_t *all)
{
    const json_t *m = json_object_get(all, "machine");
    const char *cpu = json_string_value(json_object_get(m, "cpu"));
    const char *kernel = json_string_value(json_object_get(m, "kernel"));
    const char *thp = json_string_value(json_object_get(m, "thp"));
    check(cpu && *cpu && kernel && strncmp(kernel, "Linux ", 6) == 0 && thp &&
          *thp && !strchr(thp, '[') && number(m, "cores") >= 1 &&
          number(m, "pinned_to") >= 0,
          "the machine is named: processor, kernel, huge pages, cores",
          "%s; %s; %s; %g", cpu ? cpu : "?", kernel ? kernel : "?",
          thp ? thp : "?", number(m, "cores"));
}

// This process adopts whatever the program leaves behind.
static void
orphans(const json_t *all, int adopted)
{
    const json_t *r = json_object_get(all, "run");
    double made = number(r, "children_made");
    check(made > 100 && made == number(r, "children_reaped") &&
          number(r, "children_left") == 0 && adopted == 0,
          "every child is waited for",
          "made %g, reaped %g, left %g, orphans %d", made,
          number(r, "children_reaped"), number(r, "children_left"), adopted);
}

static int
adopt(void)
{
    int n = 0;
    while (waitpid(-1, NULL, 0) > 0)
        n++;
    return n;
}

static void
data_files(void)
{
    static const char *const names[] = {"memory", "ways", "counts", "dirty",
                                        "fit"};
    char path[96];
    int good = 0;
    for (int i = 0; i < 5; i++) {
        snprintf(path, sizeof path, "%s/fork-%s.dat", work, names[i]);
        FILE *f = fopen(path, "r");
        int lines = 0;
        for (int c; f && (c = getc(f)) != EOF;)
            lines += c == '\n';
        if (f)
            fclose(f);
        good += lines >= 10;
    }
    check(good == 5, "the data of five plots", "5; %d", good);
}

static void
plotted(void)
{
    static const char *const names[] = {"memory", "ways", "counts", "dirty",
                                        "fit"};
    char text[512], path[96];
    if (system("command -v gnuplot >/dev/null") != 0) {
        printf("ok %d - five plots # SKIP no gnuplot\n", ++ran);
        return;
    }
    // It warns where data is missing, and ends well all the same.
    snprintf(text, sizeof text, "gnuplot -e \"dir='%s'\" "
             "book/scripts/figure.gp '%s' 2>%s/said && test ! -s %s/said",
             work, plots, work, work);
    int good = 0, status = system(text);
    for (int i = 0; i < 5; i++) {
        snprintf(path, sizeof path, "%s/fork-%s.svg", work, names[i]);
        good += access(path, R_OK) == 0;
    }
    check(status == 0 && good == 5, "five plots, without a warning",
          "status 0, 5; %d, %d", status, good);
}

static const struct {
    const char *name;
    double least;
} bounds[] = {
    {"small_over_dontfork", 2}, {"small_over_shared", 2},
    {"small_over_wipeonfork", 2}, {"small_over_vfork", 4},
    {"memory_64_over_0", 3}, {"fork_over_vfork_nothing", 1.1},
};
enum { BOUNDS = sizeof bounds / sizeof *bounds };

// Another attempt is another run; the first one is used if it will do.
static void
ratios(json_t *all)
{
    static char said[65536];
    char text[512];
    int attempt = 1, status;
    for (;; attempt++) {
        const json_t *r = json_object_get(all, "ratios");
        int good = 0;
        size_t have = 0;
        for (int i = 0; i < BOUNDS; i++) {
            double is = number(r, bounds[i].name);
            good += is >= bounds[i].least;
            have += (size_t)snprintf(text + have, sizeof text - have,
                                     " %s %.1f (%g)", bounds[i].name, is,
                                     bounds[i].least);
        }
        if (good == BOUNDS || attempt == ATTEMPTS) {
            check(good == BOUNDS, "ratios that hold on any machine",
                  "attempt %d of %d:%s", attempt, ATTEMPTS, text);
            return;
        }
        json_decref(all);
        all = quick(said, sizeof said, &status);
        adopt();
    }
}

int
main(int argc, char **argv)
{
    static char said[65536];
    int status;
    if (argc != 3 || !mkdtemp(work)) {
        fprintf(stderr, "usage: price_test PROGRAM PLOT.GP; "
                "/tmp has to be writable\n");
        return 2;
    }
    program = argv[1];
    plots = argv[2];
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    printf("1..%d\n", PLAN);
    statistics();
    fits();
    plan();
    model_known();
    arguments();
    json_t *all = quick(said, sizeof said, &status);
    int adopted = adopt();
    check(status == 0 && all, "a quick run ends well and its JSON can be read",
          "status 0; %d, %s", status, all ? "JSON" : "no JSON");
    machine(all);
    rows_whole(all, said);
    faults(all);
    model(all);
    failures(all);
    orphans(all, adopted);
    data_files();
    plotted();
    ratios(all);
    char clean[96];
    snprintf(clean, sizeof clean, "rm -rf %s", work);
    return system(clean) != 0;
}
