// SPDX-License-Identifier: MIT
// judge.c -- libjudge: what every lab's judge is made of; see judge.h.
//
// The grader calls a judge with one argument, a JSON object, the job: which
// test, which seed, which limits, where things are.  The judge answers with
// one JSON object, the verdict, on descriptor 3.  Nothing that a submission
// starts ever has that descriptor.
#include "judge.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cell.h"
#include "crash.h"
#include "text.h"

enum { VERDICT_FD = 3, CELLS_MAX = 64 };

struct judge {
    json_t *job, *verdict;
    uint64_t state;       // of the challenge's generator
    jmp_buf over;
    char *scratch;
    struct cell *cells[CELLS_MAX];
    size_t ncells;
    struct cell_file *files;
    size_t nfiles;
    struct cell_limits limits;
};

static const char *const kind_names[] = {
    [JUDGE_PASS] = "pass",           [JUDGE_WRONG] = "wrong answer",
    [JUDGE_CRASH] = "crash",         [JUDGE_TIMEOUT] = "time-out",
    [JUDGE_MEMORY] = "out of memory", [JUDGE_PROCESSES] = "too many processes",
    [JUDGE_OUTPUT] = "too much output", [JUDGE_SILENT] = "no answer",
    [JUDGE_CHEAT] = "cheating",      [JUDGE_BROKEN] = "grader's own error",
    [JUDGE_SKIP] = "skipped",
};

// ------------------------------------------------------------- the challenge

// splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
// generators, OOPSLA 2014).
uint64_t
judge_random(struct judge *j)
{
    uint64_t z = (j->state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

int64_t
judge_range(struct judge *j, int64_t low, int64_t high)
{
    uint64_t span = (uint64_t)high - (uint64_t)low + 1;
    uint64_t r = judge_random(j);
    return span == 0 ? (int64_t)r : low + (int64_t)(r % span);
}

void
judge_token(struct judge *j, char *text, size_t size)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    for (size_t i = 0; i + 1 < size; i++)
        text[i] = letters[judge_range(j, 0, (int)sizeof letters - 2)];
    text[size - 1] = '\0';
}

// ---------------------------------------------------------------- the report

static json_t *
text_value(const char *fmt, va_list ap)
{
    char *text = xvasprintf(fmt, ap);
    text_clean(text, strlen(text));
    json_t *value = json_string(text);
    free(text);
    return value;
}

static void
append(struct judge *j, const char *key, json_t *value)
{
    json_t *list = json_object_get(j->verdict, key);
    if (!list) {
        list = json_array();
        json_object_set_new(j->verdict, key, list);
    }
    json_array_append_new(list, value);
}

void
judge_input(struct judge *j, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    append(j, "input", text_value(fmt, ap));
    va_end(ap);
}

void
judge_note(struct judge *j, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    append(j, "notes", text_value(fmt, ap));
    va_end(ap);
}

void
judge_credit(struct judge *j, unsigned part, unsigned of)
{
    json_object_set_new(j->verdict, "part", json_integer(part));
    json_object_set_new(j->verdict, "of", json_integer(of));
}

static noreturn void
end_test(struct judge *j, enum judge_kind kind, const char *want, json_t *got)
{
    json_object_set_new(j->verdict, "kind", json_string(kind_names[kind]));
    json_object_set_new(j->verdict, "want", json_string(want));
    json_object_set_new(j->verdict, "got", got);
    longjmp(j->over, 1);
}

void
judge_fail(struct judge *j, enum judge_kind kind, const char *want,
           const char *got, ...)
{
    va_list ap;
    va_start(ap, got);
    json_t *text = text_value(got, ap);
    va_end(ap);
    end_test(j, kind, want, text);
}

void
judge_skip(struct judge *j, const char *why, ...)
{
    va_list ap;
    va_start(ap, why);
    json_t *text = text_value(why, ap);
    va_end(ap);
    end_test(j, JUDGE_SKIP, "", text);
}

void
judge_true(struct judge *j, bool ok, const char *want, const char *got, ...)
{
    if (ok)
        return;
    va_list ap;
    va_start(ap, got);
    json_t *text = text_value(got, ap);
    va_end(ap);
    end_test(j, JUDGE_WRONG, want, text);
}

void
judge_int(struct judge *j, const char *what, int64_t want, int64_t got)
{
    char text[256];
    if (want == got)
        return;
    snprintf(text, sizeof text, "%s is %" PRId64, what, want);
    judge_fail(j, JUDGE_WRONG, text, "%" PRId64, got);
}

void
judge_between(struct judge *j, const char *what, int64_t low, int64_t high,
              int64_t got)
{
    char text[256];
    if (low <= got && got <= high)
        return;
    snprintf(text, sizeof text, "%s is between %" PRId64 " and %" PRId64, what,
             low, high);
    judge_fail(j, JUDGE_WRONG, text, "%" PRId64, got);
}

void
judge_str(struct judge *j, const char *what, const char *want, const char *got)
{
    if (strcmp(want, got) == 0)
        return;
    char *text = xasprintf("%s is \"%s\"", what, want);
    judge_fail(j, JUDGE_WRONG, text, "\"%.200s\"", got);
}

// ----------------------------------------------------------------- the cells

static const char *
job_text(struct judge *j, const char *key)
{
    const char *s = json_string_value(json_object_get(j->job, key));
    if (!s)
        die("the job has no %s", key);
    return s;
}

static int64_t
job_limit(struct judge *j, const char *key)
{
    json_t *limits = json_object_get(j->job, "limits");
    json_t *v = json_object_get(limits, key);
    if (!json_is_integer(v))
        die("the job has no limit %s", key);
    return json_integer_value(v);
}

const char *
judge_built(struct judge *j, const char *name)
{
    return xasprintf("%s/%s", job_text(j, "built"), name);
}

const char *
judge_own(struct judge *j, const char *name)
{
    return xasprintf("%s/%s", job_text(j, "own"), name);
}

const char *
judge_scratch(struct judge *j)
{
    if (!j->scratch) {
        j->scratch = xasprintf("%s/judge.XXXXXX", temporary_dir());
        if (!mkdtemp(j->scratch) || chmod(j->scratch, 0755) < 0)
            die("cannot make %s: %s", j->scratch, strerror(errno));
    }
    return j->scratch;
}

// The files of the build and of the parts, as the job lists them.
static void
list_files(struct judge *j)
{
    json_t *files = json_object_get(j->job, "files");
    size_t i;
    json_t *f;
    j->files = xcalloc(json_array_size(files), sizeof *j->files);
    json_array_foreach(files, i, f)
        j->files[j->nfiles++] = (struct cell_file){
            json_string_value(json_array_get(f, 0)),
            json_string_value(json_array_get(f, 1)),
        };
}

struct cell *
judge_start(struct judge *j, const struct cell_spec *spec)
{
    const struct cell_limits *d = &j->limits;
    struct cell_plan plan = {
        .argv = spec->argv,
        .fds = spec->fds,
        .nfds = spec->nfds,
        .files = j->files,
        .nfiles = j->nfiles,
        .binds = spec->binds,
        .binds_rw = spec->binds_rw,
        .limits = {
            spec->wall_ms ? spec->wall_ms : d->wall_ms,
            spec->cpu_ms ? spec->cpu_ms : d->cpu_ms,
            spec->memory ? spec->memory : d->memory,
            spec->processes ? spec->processes : d->processes,
            spec->output ? spec->output : d->output,
        },
        .debugger = json_is_true(json_object_get(j->job, "gdb")),
        .gdb_script = json_string_value(json_object_get(j->job, "gdb_script")),
        .gdb_source = json_string_value(json_object_get(j->job, "submission")),
    };
    if (j->ncells == CELLS_MAX)
        die("a test with more than %d cells", CELLS_MAX);
    struct cell *c = cell_start(&plan);
    if (!c)
        judge_fail(j, JUDGE_BROKEN, "a cell for the submission", "%s",
                   strerror(errno));
    return j->cells[j->ncells++] = c;
}

bool
judge_under_gdb(const struct judge *j)
{
    return json_is_true(json_object_get(j->job, "gdb"));
}

void
judge_become(struct judge *j, char *const argv[])
{
    signal(SIGINT, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    fflush(NULL);
    execvp(argv[0], argv);
    judge_fail(j, JUDGE_BROKEN, argv[0], "%s", strerror(errno));
}

const struct cell_end *
judge_finish(struct cell *c)
{
    return cell_finish(c);
}

const struct cell_end *
judge_kill(struct cell *c)
{
    return cell_kill(c);
}

const char *
judge_output(struct cell *c)
{
    return cell_output(c);
}

pid_t
judge_pid(struct cell *c)
{
    return cell_pid(c);
}

const char *
judge_inside(struct cell *c, const char *path)
{
    return cell_inside(c, path);
}

bool
judge_isolated(void)
{
    return cell_isolated(NULL);
}

// End the test with what became of the cell; `want` was awaited from it.
static noreturn void
fail_with_cell(struct judge *j, struct cell *c, const char *want)
{
    const struct cell_end *end = cell_finish(c);
    enum judge_kind kind = end->kind;
    char *place = NULL;
    if (kind == JUDGE_PASS || kind == JUDGE_WRONG)
        kind = JUDGE_SILENT;
    if (kind == JUDGE_CRASH)
        place = crash_place(cell_output(c), judge_built(j, ""));
    if (place)
        judge_fail(j, kind, want, "the process %s, at %s", end->text, place);
    judge_fail(j, kind, want, "the process %s", end->text);
}

void
judge_want_exit(struct judge *j, struct cell *c, int status)
{
    const struct cell_end *end = cell_finish(c);
    char want[64];
    snprintf(want, sizeof want, "it exits with status %d", status);
    if (end->kind != JUDGE_PASS && end->kind != JUDGE_WRONG)
        fail_with_cell(j, c, want);
    judge_true(j, end->run.end == SV_EXITED && end->run.code == status, want,
               "it %s", end->text);
}

// A crash in a child of the submission is not how the cell ended, but often why
// the answer was wrong: say where, in a note.
static void
note_crashes(struct judge *j)
{
    const char *kind = json_string_value(json_object_get(j->verdict, "kind"));
    if (strcmp(kind, kind_names[JUDGE_PASS]) == 0 ||
        strcmp(kind, kind_names[JUDGE_SKIP]) == 0 ||
        strcmp(kind, kind_names[JUDGE_CRASH]) == 0)
        return;
    for (size_t i = 0; i < j->ncells; i++) {
        char *place = crash_place(cell_output(j->cells[i]),
                                  job_text(j, "built"));
        if (place)
            judge_note(j, "a process of the submission crashed at %s", place);
        free(place);
    }
}

// ------------------------------------------------------------ talk to a cell

static int
wait_for(struct judge *j, struct cell *c, int fd, short events,
         const char *what)
{
    struct pollfd p[2] = {{fd, events, 0}, {cell_poll_fd(c), POLLIN, 0}};
    for (;;) {
        int n = poll(p, 2, -1);  // the cell's own deadline ends this
        if (n < 0 && errno != EINTR)
            die("poll: %s", strerror(errno));
        if (n > 0 && p[0].revents)
            return p[0].revents;
        if (n > 0 && p[1].revents)
            fail_with_cell(j, c, what);
    }
}

int
judge_wait(struct judge *j, struct cell *c, int fd, const char *what)
{
    char byte;
    int events = wait_for(j, c, fd, POLLIN, what);
    if (!(events & POLLIN))
        return 0;
    // An end is 0, or ECONNRESET: it left without reading what it was sent.
    ssize_t n = recv(fd, &byte, 1, MSG_PEEK);
    return n > 0 || (n < 0 && errno == ENOTSOCK);
}

void
judge_send(struct judge *j, struct cell *c, int fd, const void *buf,
           size_t size)
{
    wait_for(j, c, fd, POLLOUT, "the submission reads what it is sent");
    ssize_t n = send(fd, buf, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
        fail_with_cell(j, c, "the submission reads what it is sent");
    if (n != (ssize_t)size)
        die("send: %s", n < 0 ? strerror(errno) : "cut short");
}

void
judge_recv(struct judge *j, struct cell *c, int fd, void *buf, size_t size,
           const char *what)
{
    size_t have = 0;
    while (have < size) {
        wait_for(j, c, fd, POLLIN, what);
        ssize_t n = recv(fd, (char *)buf + have, size - have,
                         MSG_DONTWAIT | MSG_TRUNC);
        if (n < 0 && errno == ENOTSOCK)
            n = read(fd, (char *)buf + have, size - have);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (n <= 0)
            fail_with_cell(j, c, what);
        if ((size_t)n > size - have)
            judge_fail(j, JUDGE_CHEAT, what,
                       "%zd bytes where %zu were to come: something else "
                       "was written to the judge's descriptor", n,
                       size - have);
        have += (size_t)n;
    }
}

// ------------------------------------------------------------------ the main

static void
give_verdict(struct judge *j)
{
    if (j->ncells) {
        char *output = crash_strip(cell_output(j->cells[0]));
        if (*output)
            json_object_set_new(j->verdict, "output", json_string(output));
        free(output);
    }
    if (json_dumpfd(j->verdict, VERDICT_FD, JSON_COMPACT) < 0)
        die("cannot give the verdict");
}

static void
clean_up(struct judge *j)
{
    for (size_t i = 0; i < j->ncells; i++)
        cell_free(j->cells[i]);
    if (j->scratch)
        remove_tree(j->scratch);
}

// Under gdb the program outlives the test, to be looked at: say how the test
// ended, and let go of every channel, so that the program waits for nobody.
static void
leave_to_gdb(struct judge *j)
{
    const char *kind = json_string_value(json_object_get(j->verdict, "kind"));
    const char *want = json_string_value(json_object_get(j->verdict, "want"));
    const char *got = json_string_value(json_object_get(j->verdict, "got"));
    fprintf(stderr, "\n[the test has ended: %s%s%s%s%s]\n", kind,
            want ? "; expected " : "", want ? want : "", got ? "; got " : "",
            got ? got : "");
    for (int fd = VERDICT_FD + 1; fd < 1024; fd++) {
        bool keep = false;
        for (size_t i = 0; i < j->ncells; i++)
            keep |= cell_owns(j->cells[i], fd);
        if (!keep)
            close(fd);
    }
}

static void
run_test(struct judge *j, void (*run)(struct judge *))
{
    if (setjmp(j->over) == 0)
        run(j);
    if (judge_under_gdb(j))
        leave_to_gdb(j);
    for (size_t i = 0; i < j->ncells; i++)
        cell_kill(j->cells[i]);
}

int
judge_main(int argc, char **argv, const struct judge_test *tests,
           size_t ntests)
{
    static struct judge judge;
    struct judge *j = &judge;
    json_error_t error;

    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        for (size_t i = 0; i < ntests; i++)
            puts(tests[i].name);
        return 0;
    }
    j->job = argc == 2 ? json_loads(argv[1], 0, &error) : NULL;
    if (!j->job) {
        fprintf(stderr, "%s: started by the grader, with a job in JSON; "
                "--list names its tests\n", argv[0]);
        return STATUS_USAGE;
    }
    fcntl(VERDICT_FD, F_SETFD, FD_CLOEXEC);
    signal(SIGPIPE, SIG_IGN);
    if (json_is_true(json_object_get(j->job, "gdb")))
        signal(SIGINT, SIG_IGN);  // the terminal's ^C is for gdb
    cell_setup(job_text(j, "tools"));
    if (json_is_false(json_object_get(j->job, "isolated")) ||
        json_is_true(json_object_get(j->job, "gdb")))
        cell_setup_plain();
    else
        cell_setup_isolated();
    j->state = strtoull(job_text(j, "seed"), NULL, 16);
    j->limits = (struct cell_limits){
        job_limit(j, "wall_ms"), job_limit(j, "cpu_ms"),
        (size_t)job_limit(j, "memory_mb") << 20,
        (unsigned)job_limit(j, "processes"),
        (size_t)job_limit(j, "output_kb") << 10,
    };
    list_files(j);
    j->verdict = json_pack("{s:s}", "kind", kind_names[JUDGE_PASS]);

    const char *name = job_text(j, "test");
    const struct judge_test *t = tests;
    while (t < tests + ntests && strcmp(t->name, name) != 0)
        t++;
    if (t == tests + ntests)
        die("this judge has no test called %s", name);
    run_test(j, t->run);
    note_crashes(j);
    give_verdict(j);
    clean_up(j);
    return 0;
}
