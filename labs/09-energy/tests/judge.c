// SPDX-License-Identifier: MIT
// judge.c -- the judge of lab 9.  It orders scripts of calls, races and whole
// explorations (talk.h); the subject tells what came of each step, and the
// judge compares that with model.c.  Book: chapter 9.

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "energy.h"
#include "model.h"
#include "novelty.h"
#include "talk.h"
#include "xjudge.h"

static const char *const level_name[] = {
    "ENERGY_NONE", "ENERGY_GLOBAL", "ENERGY_MARK", "ENERGY_POOL",
};

static const char *
level_text(int64_t level)
{
    return level >= 0 && level < 4 ? level_name[level]
                                   : "no energy_level at all";
}

static uint32_t
range(struct judge *j, uint32_t low, uint32_t high)
{
    return (uint32_t)judge_range(j, low, high);
}

static struct op *
add(struct order *o, uint8_t what, uint8_t on, uint8_t with, uint64_t value)
{
    struct op *op = &o->op[o->n_ops++];

    *op = (struct op){.what = what, .on = on, .with = with, .value = value};
    return op;
}

static void
order_new(struct judge *j, struct order *o, int kind, bool is_adaptive)
{
    memset(o, 0, sizeof(*o));
    o->kind = kind;
    o->is_adaptive = is_adaptive;
    o->seed = judge_random(j);
    o->energy = 100;
    o->mark_energy = 10;
    o->timelines = 4;
    o->batch = 4;
    o->min = 4;
    o->max = 20;
}

static void
begin(struct x_run *r, struct judge *j, const struct order *o)
{
    x_start(r, j, NULL);
    x_order(r, o, sizeof(*o));
}

static void
end(struct x_run *r)
{
    struct x_seen e;

    x_expect(r, &e, E_DONE, "the end of the order");
    x_end(r);
}

// ---- energy: scripts -------------------------------------------------------

static void
describe(struct judge *j, const struct order *o)
{
    if (o->is_adaptive)
        judge_input(j, "adaptive; energy %" PRId64 ", mark_energy %" PRId64
                    ", batch %u, min %u, max %u, warm_min %u", o->energy,
                    o->mark_energy, o->batch, o->min, o->max, o->warm_min);
    else
        judge_input(j, "fixed; energy %" PRId64 ", %u timelines a split",
                    o->energy, o->timelines);
}

static void
op_text(const struct op *op, char *text, size_t size)
{
    switch (op->what) {
    case OP_SEED:
        snprintf(text, size, "energy_reset(), energy_reset_mark()");
        break;
    case OP_TAKE:
        snprintf(text, size, "energy_take(mark %u)", op->on);
        break;
    case OP_REFUND:
        snprintf(text, size, "energy_refund(mark %u, %s)", op->on,
                 level_name[op->value % 4]);
        break;
    case OP_BARREN:
        snprintf(text, size, "energy_barren(mark %u)", op->on);
        break;
    default:
        snprintf(text, size, "energy_batch(mark %u,%s spawned %u, fresh %"
                 PRIu64 "%s)", op->on, op->flags & IS_WARM ? " warm," : "",
                 op->spawned, op->value,
                 op->flags & IS_STARVED ? ", starved" : "");
    }
}

// The last calls before the one that went wrong.
static void
show_way(struct judge *j, const struct order *o, uint32_t at)
{
    char text[96];

    for (uint32_t i = at < 5 ? 0 : at - 5; i <= at; i++) {
        op_text(&o->op[i], text, sizeof(text));
        judge_input(j, "step %u: %s", i, text);
    }
}

static int64_t
m_energy_op(struct m_energy *e, const struct order *o, const struct op *op,
            uint64_t *fresh)
{
    *fresh = op->value;
    switch (op->what) {
    case OP_SEED:
        m_reset(e, o);
        return 0;
    case OP_TAKE:
        return m_take(e, op->on);
    case OP_REFUND:
        m_refund(e, op->on, (int)op->value);
        return 0;
    case OP_BARREN:
        m_barren(e, op->on);
        return 0;
    }
    return m_batch(e, op->on, o, op->flags & IS_WARM, op->spawned,
                   op->flags & IS_STARVED, fresh);
}

// Runs the script on both, and compares after every step.
static void
play_energy(struct judge *j, struct order *o)
{
    struct m_energy e = {0};
    struct x_run r;
    struct x_seen s;

    describe(j, o);
    begin(&r, j, o);
    for (uint32_t i = 0; i < o->n_ops; i++) {
        const struct op *op = &o->op[i];
        uint64_t fresh;
        int64_t want = m_energy_op(&e, o, op, &fresh);
        char what[160], text[96];
        bool is_bad;

        op_text(op, text, sizeof(text));
        x_expect(&r, &s, E_ENERGY, text);
        is_bad = s.n[1] != want || s.n[3] != e.global || s.n[4] != e.pool;
        for (int m = 0; m < MARKS; m++)
            is_bad |= s.n[5 + m] != e.left[m];
        if (op->what == OP_BATCH && (want || !o->is_adaptive))
            is_bad |= s.n[2] != (int64_t)fresh;
        if (!is_bad)
            continue;
        show_way(j, o, i);
        if (op->what == OP_TAKE && s.n[1] != want)
            judge_fail(j, JUDGE_WRONG, level_text(want), "%s",
                       level_text(s.n[1]));
        snprintf(what, sizeof(what), "what %s returns", text);
        judge_int(j, what, want, s.n[1]);
        snprintf(what, sizeof(what), "global after %s", text);
        judge_int(j, what, e.global, s.n[3]);
        snprintf(what, sizeof(what), "the pool after %s", text);
        judge_int(j, what, e.pool, s.n[4]);
        for (int m = 0; m < MARKS; m++) {
            snprintf(what, sizeof(what), "what mark %d owns after %s", m, text);
            judge_int(j, what, e.left[m], s.n[5 + m]);
        }
        snprintf(what, sizeof(what), o->is_adaptive
                 ? "fresh at the beginning of a batch (%s)"
                 : "fresh, which is left alone in fixed mode, after %s", text);
        judge_int(j, what, (int64_t)fresh, s.n[2]);
    }
    end(&r);
}

static void
takes(struct order *o, unsigned mark, unsigned n)
{
    while (n-- > 0)
        add(o, OP_TAKE, (uint8_t)mark, 0, 0);
}

static void
fixed(struct judge *j)
{
    struct order o;

    order_new(j, &o, DO_ENERGY, false);
    o.energy = range(j, 3, 9);
    o.timelines = range(j, 3, 12);
    add(&o, OP_SEED, 0, 0, 0);
    add(&o, OP_BATCH, 0, 0, range(j, 1, 3));
    takes(&o, 0, 2);
    takes(&o, 1, (unsigned)o.energy);
    add(&o, OP_BATCH, 0, 0, 0)->spawned = 2;
    add(&o, OP_BATCH, 0, 0, range(j, 1, 3))->spawned = 2;
    add(&o, OP_BATCH, 1, 0, 0)->flags = IS_STARVED;
    add(&o, OP_SEED, 0, 0, 0);
    takes(&o, 2, 1);
    play_energy(j, &o);
}

static void
mark_once(struct judge *j)
{
    struct order o;

    order_new(j, &o, DO_ENERGY, true);
    o.mark_energy = range(j, 3, 6);
    for (int seed = 0; seed < 2; seed++) {
        add(&o, OP_SEED, 0, 0, 0);
        for (unsigned k = 0; k < 5; k++) {
            takes(&o, 1, (unsigned)o.mark_energy / 2);
            takes(&o, 3, 1);
        }
    }
    play_energy(j, &o);
}

static void
levels(struct judge *j)
{
    struct order o;
    unsigned own, kept;

    order_new(j, &o, DO_ENERGY, true);
    own = range(j, 4, 9);
    kept = range(j, 1, 2);
    o.mark_energy = own;
    o.energy = 3 * own;
    add(&o, OP_SEED, 0, 0, 0);
    takes(&o, 0, kept);
    add(&o, OP_BARREN, 0, 0, 0);         // own - kept are in the pool
    takes(&o, 1, own + 1);               // its own first, then the pool's
    takes(&o, 2, 1);
    takes(&o, 0, own);                   // drains the pool, and is refused
    takes(&o, 1, 2);
    takes(&o, 2, 3 * own);               // drains the global level
    takes(&o, 3, 1);
    play_energy(j, &o);
}

static void
refund(struct judge *j)
{
    struct order o;
    unsigned own;

    order_new(j, &o, DO_ENERGY, true);
    own = range(j, 2, 5);
    o.mark_energy = own;
    add(&o, OP_SEED, 0, 0, 0);
    takes(&o, 0, 1);
    add(&o, OP_REFUND, 0, 0, M_MARK);
    add(&o, OP_BARREN, 0, 0, 0);
    takes(&o, 1, own + 1);
    add(&o, OP_REFUND, 1, 0, M_POOL);
    add(&o, OP_REFUND, 1, 0, M_NONE);
    takes(&o, 1, own + 1);
    play_energy(j, &o);
    o.is_adaptive = false;
    o.n_ops = 40;
    add(&o, OP_SEED, 0, 0, 0);
    takes(&o, 0, 2);
    add(&o, OP_REFUND, 0, 0, M_GLOBAL);
    takes(&o, 0, 1);
    play_energy(j, &o);
}

static void
barren(struct judge *j)
{
    struct order o;
    unsigned own;

    order_new(j, &o, DO_ENERGY, true);
    own = range(j, 4, 9);
    o.mark_energy = own;
    add(&o, OP_SEED, 0, 0, 0);
    takes(&o, 0, range(j, 1, 3));
    add(&o, OP_BARREN, 0, 0, 0);
    add(&o, OP_BARREN, 0, 0, 0);         // it has nothing any more
    takes(&o, 1, own);
    add(&o, OP_BARREN, 1, 0, 0);         // nothing, again
    takes(&o, 2, 1);
    add(&o, OP_BARREN, 2, 0, 0);
    takes(&o, 0, 2);                     // the pool's, and not a new purse
    play_energy(j, &o);
}

// A split, batch by batch, as the loop would call it; `fruitful` batches bring
// something.
static void
split_ops(struct order *o, unsigned mark, uint8_t flags, unsigned fruitful)
{
    unsigned spawned = 0, n, batches = 0;
    struct m_energy scratch = {.is_adaptive = true};
    uint64_t fresh = 0;

    do {
        struct op *op = add(o, OP_BATCH, (uint8_t)mark, 0, fresh);

        op->flags = flags;
        op->spawned = spawned;
        n = m_batch(&scratch, mark, o, flags & IS_WARM, spawned, false, &fresh);
        takes(o, mark, n);
        spawned += n;
        fresh = batches++ < fruitful;
    } while (n);
}

static void
batches(struct judge *j)
{
    struct order o;

    for (int round = 0; round < 3; round++) {
        order_new(j, &o, DO_ENERGY, true);
        o.batch = range(j, 2, 5);
        o.min = round == 1 ? 0 : range(j, 1, 9);     // 0: yet one batch
        o.max = o.min + range(j, round == 1, 8);
        o.max += round == 0 && o.max % o.batch == 0;     // the last is shorter
        o.warm_min = range(j, 0, 1) ? 0 : o.max;
        o.mark_energy = 30;
        add(&o, OP_SEED, 0, 0, 0);
        split_ops(&o, 0, 0, 0);
        split_ops(&o, 1, 0, range(j, 1, 3));
        split_ops(&o, 2, 0, 99);
        play_energy(j, &o);
    }
}

static void
warm(struct judge *j)
{
    struct order o;

    for (int round = 0; round < 3; round++) {
        order_new(j, &o, DO_ENERGY, true);
        o.batch = range(j, 2, 4);
        o.min = o.batch + range(j, 4, 8);
        o.max = o.min + range(j, 2, 6);
        o.warm_min = round == 1 ? range(j, 1, o.batch)
                   : round == 2 ? o.min + 1 : 0;
        o.mark_energy = 30;
        add(&o, OP_SEED, 0, 0, 0);
        split_ops(&o, 0, IS_WARM, 0);
        split_ops(&o, 1, IS_WARM, 1);
        split_ops(&o, 2, 0, 0);
        play_energy(j, &o);
    }
}

static void
starved(struct judge *j)
{
    struct order o;
    unsigned own;

    order_new(j, &o, DO_ENERGY, true);
    own = range(j, 5, 9);
    o.mark_energy = own;
    o.energy = own - 2;
    add(&o, OP_SEED, 0, 0, 0);
    takes(&o, 0, own);                   // global is empty, the mark's is not
    add(&o, OP_BATCH, 0, 0, 0)->flags = IS_STARVED;
    o.op[o.n_ops - 1].spawned = own - 2;
    add(&o, OP_BATCH, 0, 0, 3)->flags = IS_STARVED;
    add(&o, OP_BATCH, 1, 0, 0)->flags = IS_STARVED;
    add(&o, OP_REFUND, 0, 0, M_MARK);
    takes(&o, 0, 1);
    play_energy(j, &o);
}

// A call of any kind on any mark, such as a loop might make.
static void
any_op(struct judge *j, struct order *o, struct m_energy *e, unsigned *paid)
{
    unsigned mark = range(j, 0, MARKS - 1), what = range(j, 0, 99);
    uint64_t fresh;
    struct op *op;

    if (what < 60) {
        add(o, OP_TAKE, (uint8_t)mark, 0, 0);
        *paid = mark << 8 | (unsigned)m_take(e, mark);
        return;
    }
    if (what < 70 && (*paid & 255)) {
        add(o, OP_REFUND, (uint8_t)(*paid >> 8), 0, *paid & 255);
        m_refund(e, *paid >> 8, (int)(*paid & 255));
        *paid = 0;
    } else if (what < 75) {
        add(o, OP_BARREN, (uint8_t)mark, 0, 0);
        m_barren(e, mark);
    } else if (what < 77) {
        add(o, OP_SEED, 0, 0, 0);
        m_reset(e, o);
        *paid = 0;
    } else {
        op = add(o, OP_BATCH, (uint8_t)mark, 0, range(j, 0, 1));
        op->spawned = range(j, 0, o->max + 2);
        op->flags = (uint8_t)((range(j, 0, 2) ? 0 : IS_WARM) |
                              (range(j, 0, 9) ? 0 : IS_STARVED));
        fresh = op->value;
        m_batch(e, mark, o, op->flags & IS_WARM, op->spawned,
                op->flags & IS_STARVED, &fresh);
    }
}

static void
any_order(struct judge *j, struct order *o)
{
    order_new(j, o, DO_ENERGY, range(j, 0, 4) > 0);
    o->energy = judge_range(j, 0, 80);
    o->mark_energy = judge_range(j, 0, 20);
    o->timelines = range(j, 1, 9);
    o->batch = range(j, 1, 6);
    o->min = range(j, 0, 8);
    o->max = o->min + range(j, o->min == 0, 9);
    o->warm_min = range(j, 0, 8);
}

// What chance may leave out: a seed that begins while something is in the pool,
// and a split that went past its maximum.
static void
any_end(struct judge *j, struct order *o)
{
    uint8_t mark = (uint8_t)range(j, 0, MARKS - 1);

    add(o, OP_SEED, 0, 0, 0);
    add(o, OP_TAKE, mark, 0, 0);
    add(o, OP_BARREN, mark, 0, 0);
    add(o, OP_SEED, 0, 0, 0);
    add(o, OP_BATCH, mark, 0, 1)->spawned = o->max + range(j, 1, 2);
}

static void
any(struct judge *j)
{
    for (int round = 0; round < 4; round++) {
        struct m_energy e = {0};
        struct order o;
        unsigned paid = 0;

        any_order(j, &o);
        if (round == 0) {
            o.is_adaptive = true;
            o.energy = range(j, 10, 80);
            o.mark_energy = range(j, 2, 20);
        }
        add(&o, OP_SEED, 0, 0, 0);
        m_reset(&e, &o);
        while (o.n_ops < 200)
            any_op(j, &o, &e, &paid);
        any_end(j, &o);
        play_energy(j, &o);
    }
}

// ---- energy: two at once ---------------------------------------------------

static void
check_sum(struct judge *j, const char *who, int64_t had, int64_t spent,
          int64_t left)
{
    char want[128];

    snprintf(want, sizeof(want), "no more than the %" PRId64 " that %s had are "
             "taken", had, who);
    judge_true(j, spent <= had, want, "%" PRId64 " were: two took the same "
               "unit, or one was made", spent);
    snprintf(want, sizeof(want), "the %" PRId64 " that %s had, less the %"
             PRId64 " that were taken: %" PRId64 " in the end", had, who, spent,
             had - spent);
    judge_true(j, left == had - spent, want, "%" PRId64 ": units were %s", left,
               left < had - spent ? "lost" : "made, or counted twice");
}

static void
check_purse(struct judge *j, const struct order *o, const struct x_seen *s,
            int race)
{
    static const char *const what[] = {
        [RACE_GLOBAL] = "energy_take(), other takes of the same mark between",
        [RACE_MARK] = "energy_take(), other takes of the same mark between",
        [RACE_POOL] = "energy_take(), other takes from the pool between",
        [RACE_FIXED] = "energy_take() in fixed mode, other takes between",
        [RACE_BARREN] = "energy_barren(), takes of the same mark between",
        [RACE_REFUND_MARK] = "energy_refund() to the mark, takes between",
        [RACE_REFUND_POOL] = "energy_refund() to the pool, takes between",
        [RACE_REFUSED] = "energy_take() of a mark that has spent its own, "
                         "takes of another mark between",
        [RACE_PROCESSES] = "energy_take() in 3 processes at once",
    };
    struct order r;
    int64_t global = s->n[4], rest = s->n[5] + s->n[6];
    int64_t spent = s->n[2] - s->n[3], had;

    talk_race(o, race, &r);
    had = r.pool + (race == RACE_REFUSED ? 2 : 1) * r.mark_energy;
    if (s->n[1] >= 0 && global == r.energy - spent && s->n[7] == 0 &&
        (r.is_adaptive ? rest == had - spent && (!global || !rest) : !global))
        return;
    judge_input(j, "%s", what[race]);
    describe(j, &r);
    if (r.is_adaptive)
        judge_input(j, "in the pool, at the beginning: %" PRId64, r.pool);
    judge_true(j, s->n[1] >= 0, "no level is negative, not even for a moment",
               "a level was %" PRId64 " after one of the instructions",
               s->n[1]);
    check_sum(j, "the global level", r.energy, spent, global);
    if (r.is_adaptive)
        check_sum(j, "pool and marks together", had, spent, rest);
    judge_true(j, global == 0 || (r.is_adaptive && rest == 0), "takes go on "
               "until a level is empty", "global %" PRId64 ", marks and pool %"
               PRId64, global, rest);
    judge_true(j, s->n[7] == 0, "ENERGY_NONE only if there is no unit",
               "ENERGY_NONE, though each level that was asked has one still");
}

// The trap flag shows every instruction; where there is none, processes have
// to do.
static void
check_steps(struct judge *j, int64_t steps)
{
#ifdef __x86_64__
    judge_true(j, steps > 3, "the subject runs instruction by instruction",
               "%" PRId64 " instructions", steps);
#else
    (void)j, (void)steps;
#endif
}

static void
energy_race(struct judge *j)
{
    unsigned races[RACES] = {0};
    struct order o;
    struct x_run r;
    struct x_seen s;

    order_new(j, &o, DO_RACE_ENERGY, true);
    o.energy = range(j, 3, 7);
    o.mark_energy = range(j, 2, 6);
    o.pool = range(j, 1, 2);
    begin(&r, j, &o);
    for (;;) {
        x_expect(&r, &s, E_RACE_ENERGY, "the end of a race");
        if (!strcmp(s.text, "processes"))
            break;
        check_steps(j, s.n[0]);
        if (s.n[8] < 0 || s.n[8] >= RACES)
            judge_fail(j, JUDGE_WRONG, "a race", "number %" PRId64, s.n[8]);
        races[s.n[8]]++;
        check_purse(j, &o, &s, (int)s.n[8]);
    }
    check_purse(j, &o, &s, RACE_PROCESSES);
    end(&r);
#ifdef __x86_64__
    for (int i = 0; i < RACES; i++)
        judge_true(j, races[i] > 3, "others before each instruction",
                   "%u instructions in race %d", races[i], i);
#endif
}

// ---- coverage: scripts -----------------------------------------------------

static void
coverage_text(const struct op *op, char *text, size_t size)
{
    static const char *const name[] = {
        [OP_CLEAR] = "novel_clear(map %u)",
        [OP_MERGE] = "novel_merge(into map %u, from map %u)",
        [OP_COUNT] = "novel_count(map %u)",
        [OP_HIT] = "novel_classify(edges %u)",
        [OP_MERGE_EDGES] = "novel_merge_edges(into %u, from %u)",
        [OP_COUNT_EDGES] = "novel_count_edges(edges %u)",
        [OP_PUBLISH] = "novel_publish(timeline %u)",
        [OP_SETTLE] = "novel_settle(timeline %u, child of timeline %u)",
    };

    if (op->what == OP_NOTE)
        snprintf(text, size, "novel_note(map %u, hash 0x%" PRIx64 ")", op->on,
                 op->value);
    else if (op->what == OP_SETTLE && op->with == NOBODY)
        snprintf(text, size, "novel_settle(timeline %u, a root)", op->on);
    else
        snprintf(text, size, name[op->what], op->on, op->with);
}

static const char *
coverage_part(uint8_t what)
{
    switch (what) {
    case OP_HIT:
    case OP_MERGE_EDGES:
    case OP_COUNT_EDGES:
        return "edges";
    case OP_PUBLISH:
    case OP_SETTLE:
        return "map or edges";
    }
    return "map";
}

static int64_t
m_coverage_op(struct m_view *v, const struct op *op, uint32_t n)
{
    struct m_view *on = &v[op->on], *with = &v[op->with % VIEWS];
    unsigned char hits[MOST_EDGES];
    uint64_t fresh, seen = 0;

    switch (op->what) {
    case OP_NOTE:
        m_set(on, op->value);
        return 0;
    case OP_CLEAR:
        memset(on->word, 0, sizeof(on->word));
        return 0;
    case OP_MERGE:
        return (int64_t)m_merge_map(on, with);
    case OP_COUNT:
        return (int64_t)m_bits(on);
    case OP_HIT:
        talk_hits(op->value, hits, n);
        m_classify(on, hits, n);
        return 0;
    case OP_MERGE_EDGES:
        return (int64_t)m_merge_edges(on, with, n);
    case OP_COUNT_EDGES:
        for (uint32_t i = 0; i < n; i++)
            seen += on->edge[i] != 0;
        return (int64_t)seen;
    }
    fresh = m_merge_map(&v[0], on) + m_merge_edges(&v[0], on, n);
    on->yield += fresh;
    if (op->what == OP_PUBLISH)
        return 0;
    if (op->with != NOBODY)
        with->yield += on->yield;
    return (int64_t)on->yield;
}

static void
check_coverage(struct judge *j, const struct order *o, const struct m_view *v,
               uint32_t i, int64_t want, const struct x_seen *s)
{
    const struct op *op = &o->op[i];
    uint64_t dirty = m_stripes(&v[op->on]);
    char text[96], what[160];

    coverage_text(op, text, sizeof(text));
    snprintf(what, sizeof(what), "what %s returns", text);
    judge_int(j, what, want, s->n[1]);
    snprintf(what, sizeof(what), "bits in map %u after %s", op->on, text);
    judge_int(j, what, (int64_t)m_bits(&v[op->on]), s->n[10]);
    for (int k = 0; k < VIEWS; k++)
        judge_true(j, s->n[6 + k] == (int64_t)m_digest(&v[k], o->n_edges),
                   "what the calls up to this one make of the maps and edges",
                   "%s %d: other bits are set after %s, call %u",
                   coverage_part(op->what), k, text, i + 1);
    judge_true(j, (dirty & ~(uint64_t)s->n[11]) == 0, "every word with bits "
               "has its stripe set in dirty", "dirty of map %u is 0x%" PRIx64
               " after %s; it lacks 0x%" PRIx64, op->on, s->n[11], text,
               dirty & ~(uint64_t)s->n[11]);
    if (op->what == OP_CLEAR)
        judge_int(j, "dirty of a map that was cleared", 0, s->n[11]);
    for (int k = 0; k < VIEWS; k++) {
        snprintf(what, sizeof(what), "yield of timeline %d after %s", k, text);
        judge_int(j, what, (int64_t)v[k].yield, s->n[2 + k]);
    }
}

static void
play_coverage(struct judge *j, const struct order *o)
{
    static struct m_view v[VIEWS];
    struct x_run r;
    struct x_seen s;

    memset(v, 0, sizeof(v));
    judge_input(j, "%u calls; %u edges", o->n_ops, o->n_edges);
    begin(&r, j, o);
    for (uint32_t i = 0; i < o->n_ops; i++) {
        int64_t want = m_coverage_op(v, &o->op[i], o->n_edges);
        char text[96];

        coverage_text(&o->op[i], text, sizeof(text));
        x_expect(&r, &s, E_COVERAGE, text);
        check_coverage(j, o, v, i, want, &s);
    }
    end(&r);
}

// Hashes near each other, and far apart, so that words and stripes are shared.
static void
note_some(struct judge *j, struct order *o, unsigned map, unsigned n)
{
    uint64_t near = judge_random(j) << 8;

    while (n-- > 0)
        add(o, OP_NOTE, (uint8_t)map, 0,
            n % 2 ? judge_random(j) : near + range(j, 0, 255));
}

// The first and the last bit of a stripe, and of a stripe's neighbour.
static void
note_ends(struct judge *j, struct order *o, unsigned map)
{
    uint64_t size = NOVEL_STRIPE * 64, at = range(j, 0, 62) * size;

    add(o, OP_NOTE, (uint8_t)map, 0, at);
    add(o, OP_NOTE, (uint8_t)map, 0, at + 2 * size - 1);
}

static void
note(struct judge *j)
{
    struct order o;

    order_new(j, &o, DO_COVERAGE, false);
    add(&o, OP_NOTE, 1, 0, 0);
    add(&o, OP_NOTE, 1, 0, 63);
    add(&o, OP_NOTE, 1, 0, 64);
    add(&o, OP_NOTE, 1, 0, NOVEL_BITS - 1);
    note_some(j, &o, 2, 40);
    add(&o, OP_COUNT, 2, 0, 0);
    note_some(j, &o, 1, 10);
    add(&o, OP_COUNT, 1, 0, 0);
    play_coverage(j, &o);
}

static void
merge(struct judge *j)
{
    struct order o;

    order_new(j, &o, DO_COVERAGE, false);
    note_some(j, &o, 1, 20);
    note_ends(j, &o, 1);
    add(&o, OP_MERGE, 0, 1, 0);
    add(&o, OP_MERGE, 0, 1, 0);          // nothing is new twice
    for (uint32_t i = 0; i < 10; i++)    // half of what map 1 has, and more
        add(&o, OP_NOTE, 2, 0, o.op[2 * i].value);
    note_some(j, &o, 2, 20);
    add(&o, OP_MERGE, 0, 2, 0);
    add(&o, OP_MERGE, 3, 0, 0);
    add(&o, OP_COUNT, 0, 0, 0);
    play_coverage(j, &o);
}

static void
clear(struct judge *j)
{
    struct order o;

    order_new(j, &o, DO_COVERAGE, false);
    note_some(j, &o, 1, 30);
    note_ends(j, &o, 1);
    add(&o, OP_MERGE, 0, 1, 0);
    add(&o, OP_CLEAR, 1, 0, 0);
    add(&o, OP_MERGE, 0, 1, 0);
    note_some(j, &o, 1, 10);
    add(&o, OP_MERGE, 0, 1, 0);
    add(&o, OP_CLEAR, 0, 0, 0);          // merged bits are cleared as well
    play_coverage(j, &o);
}

static void
untouched(struct judge *j)
{
    static const char *const what[] = {
        "novel_merge() of a map in which nothing was noted",
        "novel_merge() of bits in the first and the last quarter of the map",
        "novel_clear() of a map with bits in its first and last quarter",
        "novel_clear() of a map in which nothing was noted",
    };
    struct order o;
    struct x_run r;
    struct x_seen s;

    order_new(j, &o, DO_UNTOUCHED, false);
    o.n_ops = range(j, 5, 20);
    begin(&r, j, &o);
    for (int i = 0; i < 4; i++) {
        x_expect(&r, &s, E_UNTOUCHED, what[i]);
        judge_input(j, "%s", what[i]);
        judge_true(j, s.n[0] == 0, "no page without bits is read or written",
                   "a page without bits was touched");
    }
    end(&r);
}

static void
killed(struct judge *j)
{
    static const char *const what[] = {"novel_note()", "novel_merge()"};
    struct order o;
    struct x_run r;
    struct x_seen s;

    order_new(j, &o, DO_KILLED, false);
    begin(&r, j, &o);
    for (int i = 0; i < 2; i++) {
        x_expect(&r, &s, E_KILLED, what[i]);
        judge_input(j, "%s, stopped after each of its instructions", what[i]);
        check_steps(j, s.n[0]);
        judge_true(j, s.n[1] == 0, "at every instant, a word with bits has its "
                   "stripe set in dirty", "it has not at %" PRId64 " instants",
                   s.n[1]);
    }
    end(&r);
}

static void
buckets(struct judge *j)
{
    struct order o;
    struct x_run r;
    struct x_seen s;

    order_new(j, &o, DO_BUCKETS, false);
    begin(&r, j, &o);
    for (unsigned i = 0; i < 256; i += 8) {
        x_expect(&r, &s, E_BUCKETS, "the buckets of all counts");
        for (unsigned k = 0; k < 8; k++) {
            char what[64];

            snprintf(what, sizeof(what), "novel_bucket(%u)", i + k);
            judge_int(j, what, m_bucket(i + k), s.n[1 + k]);
        }
    }
    end(&r);
}

// Where counts come from of which the last is not 0.
static uint64_t
hits_the_last(struct judge *j, uint32_t n_edges)
{
    unsigned char hits[MOST_EDGES];
    uint64_t from;

    do {
        from = judge_random(j);
        talk_hits(from, hits, n_edges);
    } while (!hits[n_edges - 1]);
    return from;
}

static void
edge_script(struct judge *j, uint32_t n_edges)
{
    struct order o;

    order_new(j, &o, DO_COVERAGE, false);
    o.n_edges = n_edges;
    for (int i = 0; i < 4; i++) {
        add(&o, OP_HIT, 1, 0, hits_the_last(j, n_edges));
        add(&o, OP_COUNT_EDGES, 1, 0, 0);
        add(&o, OP_MERGE_EDGES, 0, 1, 0);
        add(&o, OP_HIT, 2, 0, judge_random(j));
        add(&o, OP_MERGE_EDGES, 0, 2, 0);
        add(&o, OP_MERGE_EDGES, 3, 0, 0);
        add(&o, OP_COUNT_EDGES, 0, 0, 0);
    }
    play_coverage(j, &o);
}

static void
edges(struct judge *j)
{
    edge_script(j, 8 * range(j, 3, 20));
}

static void
edges_tail(struct judge *j)
{
    edge_script(j, 8 * range(j, 3, 20) + range(j, 1, 7));
    edge_script(j, range(j, 1, 7));
}

static void
merge_race(struct judge *j)
{
    struct order o;
    struct x_run r;
    struct x_seen s;
    unsigned races = 0;
    bool is_last;

    order_new(j, &o, DO_RACE_MAPS, false);
    o.n_ops = 40;
    begin(&r, j, &o);
    do {
        x_expect(&r, &s, E_RACE_MAPS, "the end of a race");
        is_last = !strcmp(s.text, "processes");
        if (!is_last)
            check_steps(j, s.n[0]);
        if (s.n[3] != s.n[2] || s.n[3] != s.n[1] || s.n[5])
            judge_input(j, is_last ? "merges in 3 %s at once" : "%s(), other "
                        "merges of the same words in between", s.text);
        judge_int(j, "bits in the explored map, of those that were merged",
                  s.n[3], s.n[2]);
        judge_int(j, "bits that the merges together called new", s.n[3],
                  s.n[1]);
        judge_int(j, "words with bits whose stripe is not set in dirty, in the "
                  "explored map", 0, s.n[5]);
        races++;
    } while (!is_last);
#ifdef __x86_64__
    // More than those by chance: a sweep over the instructions of each.
    judge_true(j, races > o.n_ops + 1, "races by chance, and sweeps",
               "%u races", races);
#endif
    end(&r);
}

// ---- yield -----------------------------------------------------------------

// Timeline 1 discovers and splits; 2 is its child and splits, too; 3 is 2's.
static void
yield(struct judge *j)
{
    uint64_t a = judge_random(j), b = judge_random(j), c = judge_random(j);
    struct order o;

    order_new(j, &o, DO_COVERAGE, false);
    o.n_edges = 8 * range(j, 2, 6) + range(j, 0, 7);
    note_some(j, &o, 1, 5);
    add(&o, OP_NOTE, 1, 0, a);
    add(&o, OP_HIT, 1, 0, b);
    add(&o, OP_PUBLISH, 1, 0, 0);
    add(&o, OP_NOTE, 2, 0, a);           // its parent's: no news
    add(&o, OP_HIT, 2, 0, b);
    note_some(j, &o, 2, 3);
    add(&o, OP_HIT, 2, 0, c);
    add(&o, OP_PUBLISH, 2, 0, 0);
    add(&o, OP_NOTE, 3, 0, a);
    note_some(j, &o, 3, 4);
    add(&o, OP_HIT, 3, 0, judge_random(j));
    add(&o, OP_SETTLE, 3, 2, 0);
    add(&o, OP_SETTLE, 2, 1, 0);         // all it brought was published
    note_some(j, &o, 1, 2);
    add(&o, OP_PUBLISH, 1, 0, 0);        // a second split
    note_some(j, &o, 1, 1);
    add(&o, OP_SETTLE, 1, NOBODY, 0);
    play_coverage(j, &o);
}

// ---- whole explorations ----------------------------------------------------

struct comparing {
    struct judge *j;
    struct x_run *r;
    unsigned event;
    char last[4][128];               // what the subject told last
};

static void
compare(void *arg, int kind, const char *mark, int n, const int64_t *number)
{
    static const char *const what[] = {
        [E_TREE_SEED] = "energy_reset()",
        [E_TREE_BATCH] = "energy_batch()",
        [E_TREE_TAKE] = "energy_take()",
        [E_TREE_PUBLISH] = "novel_publish()",
        [E_TREE_SETTLE] = "novel_settle()",
    };
    static const char *const name[][6] = {
        [E_TREE_SEED] = {"global", "the pool"},
        [E_TREE_BATCH] = {"children so far", "fresh (what the last batch "
                          "yielded)", "the next batch", "global", "the pool",
                          "what the mark owns"},
        [E_TREE_TAKE] = {"the level that paid", "global", "the pool",
                         "what the mark owns"},
        [E_TREE_PUBLISH] = {"the timeline's yield", "bits explored",
                            "edges' bits explored"},
        [E_TREE_SETTLE] = {"the timeline's yield", "its parent's yield",
                           "bits explored", "edges' bits explored"},
    };
    struct comparing *c = arg;
    struct x_seen s;
    char text[256];

    c->event++;
    snprintf(text, sizeof(text), "%s%s%s, call %u", what[kind],
             mark ? " of " : "", mark ? mark : "", c->event);
    x_expect(c->r, &s, kind, text);
    judge_str(c->j, "the mark", mark ? mark : "", s.text);
    for (int i = 0; i < n; i++) {
        char of[320];

        snprintf(of, sizeof(of), "%s after %s", name[kind][i], text);
        if (kind == E_TREE_TAKE && i == 0)
            judge_str(c->j, of, level_text(number[i]), level_text(s.n[i]));
        else
            judge_int(c->j, of, number[i], s.n[i]);
    }
}

// A tree that is worth judging: not too large, with barren marks in it, whose
// energy others use; and with some of that left when the next seed begins.
static void
choose_tree(struct judge *j, struct order *o, bool is_adaptive)
{
    struct m_size size;

    for (int tries = 0; tries < 5000; tries++) {
        order_new(j, o, DO_TREE, is_adaptive);
        o->energy = range(j, 20, 120);
        o->mark_energy = range(j, 3, 14);
        o->timelines = range(j, 2, 5);
        o->batch = range(j, 1, 4);
        o->min = range(j, 1, 5);
        o->max = o->min + range(j, 1, 8);
        o->warm_min = range(j, 0, 3);
        o->seeds = range(j, 2, 3);
        o->max_depth = range(j, 2, 4);
        o->steps = range(j, 4, 12);
        o->marks = range(j, 4, 20);
        o->n_modules = range(j, 0, 3);
        for (uint32_t i = 0; i < o->n_modules; i++)
            o->module[i] = range(j, 1, 40);
        size = m_measure(o);
        if (size.timelines > 25 && size.timelines < 140 && size.depth > 1 &&
            (!is_adaptive || (size.barren && size.by_pool && size.crosses &&
                              size.is_left)))
            return;
    }
    judge_fail(j, JUDGE_BROKEN, "a tree that is worth judging",
               "none of 5000");
}

static void
play_tree(struct judge *j, const struct order *o)
{
    struct comparing c = {.j = j};
    struct x_run r;

    judge_input(j, "%u seeds, depth %u, %u steps, %u marks, %u modules%s",
                o->seeds, o->max_depth, o->steps, o->marks, o->n_modules,
                o->width ? ", parallel" : "");
    describe(j, o);
    begin(&r, j, o);
    c.r = &r;
    m_explore(o, compare, &c);
    end(&r);
}

static void
tree(struct judge *j)
{
    struct order o;

    for (int i = 0; i < 3; i++) {
        choose_tree(j, &o, i > 0);
        play_tree(j, &o);
    }
}

static void
parallel(struct judge *j)
{
    struct order o;

    choose_tree(j, &o, true);
    o.width = o.max_depth + 3;
    play_tree(j, &o);
}

static const struct judge_test tests[] = {
    {"fixed", fixed},
    {"mark-once", mark_once},
    {"levels", levels},
    {"refund", refund},
    {"barren", barren},
    {"batches", batches},
    {"warm", warm},
    {"starved", starved},
    {"any", any},
    {"energy-race", energy_race},
    {"note", note},
    {"merge", merge},
    {"clear", clear},
    {"buckets", buckets},
    {"edges", edges},
    {"merge-race", merge_race},
    {"yield", yield},
    {"tree", tree},
    {"untouched", untouched},
    {"killed", killed},
    {"edges-tail", edges_tail},
    {"parallel", parallel},
};

int
main(int argc, char **argv)
{
    JUDGE_MAIN(argc, argv, tests);
}
