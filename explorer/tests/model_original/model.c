// SPDX-License-Identifier: MIT
// model.c -- the split loop that libsplit descends from, as it behaves, behind
// libsplit's own interface, so that defects.c can be run on both.
//
// Written from what that design does (moonpool-explorer 0.8.0, split_loop.rs
// and its neighbours), not from its text.  Its nineteen defects are here on
// purpose: do not repair them.  A host runs the simulation in its own process;
// a child that forgets to call split_end() goes on as the host.

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../subject.h"
#include "split.h"

#define MAP_BYTES 1024
#define MARKS 128
#define RECIPE 128
#define MOST_WIDTH 64

const bool subject_is_patient = false;

struct mark {
    uint32_t hash;
    uint8_t kind, is_triggered, frontier;
    int64_t pass, fail, watermark, split_watermark;
    char name[64];
};

struct shared {
    _Atomic uint32_t n_marks;
    struct mark mark[MARKS];
    unsigned char bitmap[MAP_BYTES], explored[MAP_BYTES];
    _Atomic int64_t energy;                  // fixed mode, and what is reported
    _Atomic int64_t global, pool, left[MARKS];
    _Atomic uint64_t timelines, splits, bugs;
    _Atomic uint32_t is_claimed;
    uint32_t recipe_len;
    struct split_step recipe[RECIPE];
};

struct split {
    char error[256];
};

// Never set but by a benchmark that asks what the design would be worth without
// defect 11: child seeds depend on the root seed.
bool model_is_mixed;

static struct split the_split;
static struct split_config config;
static struct shared *shared;
static unsigned char *bitmap;                // of this timeline
static unsigned char *pool;                  // slots of its children
static uint64_t rng, rng_count, current_seed;
static unsigned depth;
static bool is_child, is_active, is_warm;
static struct split_step path[4096];
static size_t path_len;
static struct split_finding the_finding;
static const struct split_step *replay_at, *replay_end;

// ---- random numbers --------------------------------------------------------

static void
reseed(uint64_t seed)
{
    rng = seed;
    rng_count = 0;
}

uint64_t
split_draw(void)
{
    uint64_t z;

    rng_count++;
    while (replay_at < replay_end && rng_count > replay_at->count) {
        reseed(replay_at->seed);
        replay_at++;
        rng_count = 1;
    }
    z = rng += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint64_t
split_below(uint64_t n)
{
    return split_draw() % n;
}

bool
split_chance(uint64_t one_in)
{
    return split_below(one_in) == 0;
}

unsigned
split_depth(void)
{
    return depth;
}

bool
split_is_child(void)
{
    return is_child;
}

uint64_t
split_seed(void)
{
    return current_seed;
}

uint64_t
split_child_seed(uint64_t parent, const char *mark, uint64_t index)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    // Defect 11: the newest version passes an empty name.
    (void)mark;
    h = (h ^ parent) * UINT64_C(0x100000001b3);
    return (h ^ index) * UINT64_C(0x100000001b3);
}

// ---- coverage --------------------------------------------------------------

// Defect 4: read, modify, write.
__attribute__((noinline)) uint64_t
subject_merge(struct subject_map *explored, const struct subject_map *from)
{
    uint64_t fresh = 0;

    for (size_t i = 0; i < SUBJECT_WORDS; i++) {
        fresh += (uint64_t)__builtin_popcountll(from->word[i] &
                                                ~explored->word[i]);
        *(volatile uint64_t *)&explored->word[i] |= from->word[i];
    }
    return fresh;
}

static bool
has_new(const unsigned char *from)
{
    for (size_t i = 0; i < MAP_BYTES; i++)
        if (from[i] & ~shared->explored[i])
            return true;
    return false;
}

static void
merge(const unsigned char *from)
{
    for (size_t i = 0; i < MAP_BYTES; i++)
        shared->explored[i] |= from[i];
}

// ---- energy ----------------------------------------------------------------

// Defect 6: what was taken below zero is not put back.
static bool
take_fixed(void)
{
    return atomic_fetch_sub(&shared->energy, 1) > 0;
}

static bool
take_adaptive(size_t slot)
{
    if (atomic_fetch_sub(&shared->global, 1) <= 0) {
        atomic_fetch_add(&shared->global, 1);
        return false;
    }
    if (atomic_fetch_sub(&shared->left[slot], 1) > 0)
        return true;
    atomic_fetch_add(&shared->left[slot], 1);
    if (atomic_fetch_sub(&shared->pool, 1) > 0)
        return true;
    atomic_fetch_add(&shared->pool, 1);
    atomic_fetch_add(&shared->global, 1);
    return false;
}

// ---- children --------------------------------------------------------------

static void
save_recipe(uint64_t count, uint64_t seed)
{
    uint32_t none = 0;
    size_t n = path_len + 1 < RECIPE ? path_len + 1 : RECIPE;  // defect 8

    if (!atomic_compare_exchange_strong(&shared->is_claimed, &none, 1))
        return;
    for (size_t i = 0; i + 1 < n; i++)
        shared->recipe[i] = path[i];
    shared->recipe[n - 1] = (struct split_step){count, seed};
    shared->recipe_len = (uint32_t)n;
}

static void
become_child(uint64_t seed, uint64_t count)
{
    reseed(seed);
    current_seed = seed;
    is_child = true;
    depth++;
    if (path_len < sizeof(path) / sizeof(path[0]))
        path[path_len++] = (struct split_step){count, seed};
    atomic_fetch_add(&shared->timelines, 1);
    pool = NULL;
}

// Defect 5: only exit code 42 is a bug.
static void
judge(int status, uint64_t count, uint64_t seed)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 42) {
        atomic_fetch_add(&shared->bugs, 1);
        save_recipe(count, seed);
    }
}

struct split_loop {
    uint64_t count;
    size_t width, n_free;
    size_t free[MOST_WIDTH];
    pid_t pid[MOST_WIDTH];
    uint64_t seed[MOST_WIDTH];
    size_t n_active;
    bool has_new;
};

// Defects 1 and 3: any child will do, and an error is no reason to stop.
static void
reap_one(struct split_loop *l)
{
    int status = 0;
    pid_t pid = waitpid(-1, &status, 0);

    if (pid <= 0)
        return;
    for (size_t i = 0; i < l->width; i++) {
        if (l->pid[i] != pid)
            continue;
        l->has_new |= has_new(pool + i * MAP_BYTES);
        merge(pool + i * MAP_BYTES);
        judge(status, l->count, l->seed[i]);
        l->pid[i] = 0;
        l->free[l->n_free++] = i;
        l->n_active--;
    }
}

// Returns 0 in a child, 1 in the parent, -1 if the fork failed.
static int
run_parallel(struct split_loop *l, uint64_t seed)
{
    size_t slot;
    pid_t pid;

    while (l->n_free == 0)
        reap_one(l);
    slot = l->free[--l->n_free];
    memset(pool + slot * MAP_BYTES, 0, MAP_BYTES);
    pid = fork();
    if (pid == 0) {
        bitmap = pool + slot * MAP_BYTES;
        become_child(seed, l->count);
        return 0;
    }
    if (pid < 0) {
        l->free[l->n_free++] = slot;
        return -1;                           // defect 15: energy is gone
    }
    l->pid[slot] = pid;
    l->seed[slot] = seed;
    l->n_active++;
    return 1;
}

static int
run_sequential(struct split_loop *l, uint64_t seed)
{
    int status = 0;
    pid_t pid;

    memset(bitmap, 0, MAP_BYTES);
    pid = fork();
    if (pid == 0) {
        become_child(seed, l->count);
        return 0;
    }
    if (pid < 0)
        return -1;
    waitpid(pid, &status, 0);                // defect 2: whatever it returns
    l->has_new |= has_new(bitmap);
    merge(bitmap);
    judge(status, l->count, seed);
    return 1;
}

static int
run_child(struct split_loop *l, uint64_t seed)
{
    return l->width ? run_parallel(l, seed) : run_sequential(l, seed);
}

static void
loop_begin(struct split_loop *l)
{
    memset(l, 0, sizeof(*l));
    l->count = rng_count;
    l->width = config.width == SPLIT_SEQUENTIAL ? 0 : config.width_n;
    if (!l->width)
        return;
    if (!pool)
        pool = mmap(NULL, l->width * MAP_BYTES, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (size_t i = 0; i < l->width; i++)
        l->free[l->n_free++] = i;
}

// Defect 9: whoever comes first discovers.  Defect 17: there is no stopping.
static bool
split_fixed(const char *name)
{
    struct split_loop l;

    if (!take_fixed())
        return false;
    atomic_fetch_add(&shared->splits, 1);
    loop_begin(&l);
    for (unsigned i = 0; i < config.timelines; i++) {
        int r;

        if (i > 0 && !take_fixed())
            break;
        r = run_child(&l, split_child_seed(current_seed, name, i));
        if (r == 0)
            return true;
        if (r < 0)
            break;
    }
    while (l.n_active > 0)
        reap_one(&l);
    return false;
}

static bool
split_adaptive(const char *name, size_t slot)
{
    const struct split_adaptive *a = &config.adaptive;
    unsigned min = is_warm ? (a->warm_min ? a->warm_min : a->batch) : a->min;
    unsigned spawned = 0, before;
    struct split_loop l;
    int r = 1;

    atomic_store(&shared->left[slot], a->mark_energy);   // defect 7
    atomic_fetch_add(&shared->splits, 1);
    loop_begin(&l);
    for (;;) {
        l.has_new = false;
        before = spawned;
        while (spawned - before < a->batch && spawned < a->max && r > 0 &&
               take_adaptive(slot)) {
            r = run_child(&l, split_child_seed(current_seed, name, spawned));
            if (r == 0)
                return true;
            spawned++;
        }
        while (l.n_active > 0)
            reap_one(&l);
        if (spawned >= a->max)
            break;
        if (!l.has_new && spawned >= min) {
            int64_t left = atomic_exchange(&shared->left[slot], 0);

            if (left > 0)
                atomic_fetch_add(&shared->pool, left);
            break;
        }
        if (spawned - before < a->batch)
            break;
    }
    return false;
}

// The bit goes into the explored map at once, so that no parent ever sees a
// child bring anything new: defect 10.
static void
discovery(struct mark *m)
{
    unsigned char backup[MAP_BYTES], *mine = bitmap;
    bool in_child;

    bitmap[m->hash % (8 * MAP_BYTES) / 8] |= (unsigned char)(1 << m->hash % 8);
    merge(bitmap);
    if (!is_active || depth >= config.max_depth)
        return;
    memcpy(backup, bitmap, MAP_BYTES);
    in_child = config.is_adaptive ? split_adaptive(m->name,
                                                   (size_t)(m - shared->mark))
                                  : split_fixed(m->name);
    if (in_child)
        return;
    bitmap = mine;
    memcpy(bitmap, backup, MAP_BYTES);
}

// ---- assertions ------------------------------------------------------------

// Defects 14 and 19: 128 of them, and found by a hash that is there before the
// rest is.
static struct mark *
find(enum split_kind kind, bool is_maximized, const char *name)
{
    uint32_t hash = UINT32_C(0x811c9dc5), n;
    struct mark *m;

    if (!shared)
        return NULL;
    for (const char *p = name; *p; p++)
        hash = (hash ^ (unsigned char)*p) * UINT32_C(0x01000193);
    n = atomic_load(&shared->n_marks);
    for (uint32_t i = 0; i < n && i < MARKS; i++)
        if (shared->mark[i].hash == hash)
            return &shared->mark[i];
    n = atomic_fetch_add(&shared->n_marks, 1);
    if (n >= MARKS) {
        atomic_fetch_sub(&shared->n_marks, 1);
        return NULL;
    }
    m = &shared->mark[n];
    *(volatile uint32_t *)&m->hash = hash;
    m->kind = (uint8_t)kind;
    m->watermark = m->split_watermark = is_maximized ? INT64_MIN : INT64_MAX;
    m->is_triggered = m->frontier = 0;
    m->pass = m->fail = 0;
    strncpy(m->name, name, sizeof(m->name) - 1);
    return m;
}

void
split_assert(enum split_kind kind, bool condition, const char *name)
{
    struct mark *m = find(kind, false, name);

    if (!m)
        return;
    if (kind == SPLIT_UNREACHABLE)
        condition = false;
    *(condition ? &m->pass : &m->fail) += 1;
    if (!condition) {
        // The runner looks at the table when the timeline is over.
        if (kind != SPLIT_SOMETIMES && kind != SPLIT_REACHABLE && is_child)
            _exit(42);
        return;
    }
    if ((kind == SPLIT_SOMETIMES || kind == SPLIT_REACHABLE) &&
        !m->is_triggered) {
        m->is_triggered = 1;
        discovery(m);
    }
}

void
split_assert_number(enum split_kind kind, enum split_cmp cmp, int64_t left,
                    int64_t right, const char *name)
{
    bool is_maximized = cmp == SPLIT_GT || cmp == SPLIT_GE;
    struct mark *m = find(kind, is_maximized, name);

    (void)right;
    if (!m)
        return;
    m->pass++;
    if (is_maximized ? left > m->watermark : left < m->watermark)
        m->watermark = left;
    if (kind == SPLIT_NUMERIC_SOMETIMES &&
        (is_maximized ? left > m->split_watermark
                      : left < m->split_watermark)) {
        m->split_watermark = left;
        discovery(m);
    }
}

void
split_end(int code)
{
    if (is_child)
        _exit(code);
    exit(code);
}

void
split_bug(const char *text)
{
    (void)text;
    split_end(42);
}

// ---- running ---------------------------------------------------------------

struct split_config
split_defaults(void)
{
    return (struct split_config){
        .seeds = 1, .seed = 1, .max_depth = 3, .timelines = 4, .energy = 1000,
        .adaptive = {.batch = 4, .min = 4, .max = 20, .mark_energy = 15},
        .stats_fd = -1, .progress_fd = -1,
    };
}

struct split *
split_open(const struct split_config *c)
{
    config = *c;
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return shared == MAP_FAILED ? NULL : &the_split;
}

// Defect 12: split_watermark is kept, so that later seeds never pass it.
static void
next_seed(unsigned i)
{
    for (uint32_t k = 0; k < atomic_load(&shared->n_marks); k++)
        shared->mark[k].is_triggered = 0;
    memset(shared->bitmap, 0, MAP_BYTES);
    atomic_store(&shared->energy, config.energy);
    atomic_store(&shared->global, config.energy);
    atomic_store(&shared->pool, 0);
    is_warm = i > 0;
    reseed(config.seed + i);
}

int
split_run(struct split *x, split_sim *sim, void *arg)
{
    (void)x;
    for (unsigned i = 0; i < config.seeds; i++) {
        next_seed(i);
        bitmap = shared->bitmap;
        depth = 0;
        path_len = 0;
        current_seed = model_is_mixed ? config.seed + i : 0;  // defect 11
        is_active = true;
        atomic_fetch_add(&shared->timelines, 1);
        sim(arg);                            // defect 18: a child returns too
        is_active = false;
    }
    return (int)atomic_load(&shared->bugs);
}

void
split_close(struct split *x)
{
    (void)x;
}

const char *
split_error(const struct split *x)
{
    (void)x;
    return "";
}

size_t
split_findings(const struct split *x)
{
    (void)x;
    return atomic_load(&shared->bugs);
}

const struct split_finding *
split_finding(const struct split *x, size_t i)
{
    (void)x;
    if (i > 0 || !atomic_load(&shared->is_claimed))
        return NULL;
    the_finding.death = SPLIT_EXIT;
    the_finding.code = 42;
    the_finding.text = "";
    the_finding.recipe.len = shared->recipe_len;
    the_finding.recipe.step = shared->recipe;
    the_finding.recipe.seed = config.seed;
    the_finding.recipe.has_seed = true;
    return &the_finding;
}

int
split_replay(struct split *x, const struct split_recipe *r, split_sim *sim,
             void *arg, enum split_death *death, int *code)
{
    int status = 0;
    pid_t pid = fork();

    (void)x;
    if (pid == 0) {
        is_active = false;
        is_child = true;
        reseed(config.seed);
        replay_at = r->step;
        replay_end = r->step + r->len;
        _exit(sim(arg));
    }
    waitpid(pid, &status, 0);
    *code = WEXITSTATUS(status);
    *death = *code ? SPLIT_EXIT : SPLIT_FINE;
    return 0;
}

// Defect 13: in adaptive mode the energy that is reported is another one.
void
split_get_stats(const struct split *x, struct split_stats *s)
{
    (void)x;
    *s = (struct split_stats){
        .timelines = atomic_load(&shared->timelines),
        .splits = atomic_load(&shared->splits),
        .findings = atomic_load(&shared->bugs),
        .energy_left = atomic_load(&shared->energy),
        .marks = atomic_load(&shared->n_marks),
    };
}

size_t
split_marks(const struct split *x)
{
    (void)x;
    return atomic_load(&shared->n_marks);
}

bool
split_get_mark(const struct split *x, size_t i, struct split_mark *m)
{
    (void)x;
    if (i >= atomic_load(&shared->n_marks) || i >= MARKS)
        return false;
    *m = (struct split_mark){
        .name = shared->mark[i].name,
        .kind = (enum split_kind)shared->mark[i].kind,
        .pass = (uint64_t)shared->mark[i].pass,
        .fail = (uint64_t)shared->mark[i].fail,
        .watermark = shared->mark[i].watermark,
    };
    return true;
}
