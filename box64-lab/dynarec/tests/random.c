// SPDX-License-Identifier: MIT
// random.c -- random guest programs, interpreted and translated: the same?
// The differential test of the small dynarec.  Book: chapter 6.
//
//     random PROGRAMS [SEED [THREADS [fork]]]
//
// Each program is run by the interpreter, then by the dynarec, by each of
// THREADS threads at once with registers and memory of its own.  The code
// cache is so small that blocks are purged all the time.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../dyn.h"

enum { CODE = 160, WORDS = 16, MAX_THREADS = 8 };

static uint64_t state;

static uint32_t
draw(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 16) % below);
}

// -------------------------------------------------------- native functions

struct notes {                 // cpu->user
    uint64_t calls, hash;
    int inside;
};

static void
native_mix(struct cpu *cpu)
{
    struct notes *n = cpu->user;

    n->calls++;
    n->hash = n->hash * 31 + cpu->r[0] + 7 * cpu->r[3];
    cpu->r[1] = n->hash;
}

// Calls back into the guest, up to three deep.
static void
native_back(struct cpu *cpu)
{
    struct notes *n = cpu->user;

    n->calls++;
    if (n->inside == 3)
        return;
    n->inside++;
    cpu->call(cpu, (uint32_t)cpu->r[0] % cpu->guest->ncode);
    n->inside--;
    n->hash += cpu->r[0];
}

static native_fn *const natives[] = {native_mix, native_back};

// ------------------------------------------------------------- the programs

static struct insn code[CODE];

// A word of memory as an operand; b is not a, so that it can be waited for.
static void
operand(struct insn *i)
{
    i->b = (uint8_t)((i->a + 1 + draw(GUEST_REGS - 1)) % GUEST_REGS);
    i->imm = (int32_t)draw(1u << 20) - (1 << 19);
}

// Not to where a program would wait for ever.
static int32_t
target(uint32_t n)
{
    uint32_t to;

    do
        to = draw(n);
    while (code[to].op == OP_WAIT ||
           (to + 1 < n && code[to + 1].op == OP_WAIT));
    return (int32_t)to;
}

static uint32_t
make_program(void)
{
    uint32_t n = 8 + draw(CODE - 8);
    bool wild = draw(8) == 0;    // may jump anywhere: must not hold a WAIT

    memset(code, 0, sizeof code);
    for (uint32_t k = 0; k < n; k++) {
        struct insn *i = &code[k];

        i->op = (uint8_t)(draw(4) ? draw(OP_JMP)
                                  : OP_JMP + draw(OP_COUNT - OP_JMP));
        if (i->op == OP_RET && draw(4))
            i->op = OP_JMP;     // else most programs end at once
        i->a = (uint8_t)draw(GUEST_REGS);
        i->b = (uint8_t)draw(GUEST_REGS);
        i->imm = draw(2) ? (int32_t)draw(64) : (int32_t)(draw(1u << 31) * 2);
        if (i->op == OP_NATIVE) {
            i->imm = (int32_t)draw(2);
        } else if (i->op == OP_LD || i->op == OP_ST) {
            operand(i);
        } else if (i->op == OP_WAIT) {
            if (wild || k + 3 > n) {
                i->op = OP_XOR;
                continue;
            }
            // make the word something else than 0, then wait for that
            *i = (struct insn){OP_MOVI, i->a, 0, 1 + (int32_t)draw(99)};
            i[1] = (struct insn){.op = OP_ST, .a = i->a};
            operand(&i[1]);
            i[2] = i[1];
            i[2].op = OP_WAIT;
            k += 2;
        } else if (i->op == OP_CALLR && !wild) {
            i->op = OP_CALL;
        }
    }
    if (draw(8))
        code[n - 1] = (struct insn){.op = OP_JMP};
    for (uint32_t k = 0; k < n; k++)
        if (code[k].op >= OP_JMP && code[k].op < OP_CALLR)
            code[k].imm = target(n);
        else if (code[k].op == OP_CALLR && k > 0 && draw(8))
            code[k - 1] = (struct insn){OP_MOVI, code[k].a, 0, target(n)};
    // native_back goes to r0 % n: it must not meet a WAIT from the middle
    for (uint32_t k = 0; k < n; k++)
        if (code[k].op == OP_NATIVE && code[k].imm == 1) {
            bool waits = false;

            for (uint32_t m = 0; m < n; m++)
                waits |= code[m].op == OP_WAIT;
            if (waits)
                code[k].imm = 0;
        }
    return n;
}

// ------------------------------------------------------------------ running

struct outcome {
    uint64_t r[GUEST_REGS], mem[WORDS];
    uint32_t depth, stop;
    int32_t fuel;
    struct notes notes;
};

static void
begin(struct cpu *cpu, struct outcome *o, int thread)
{
    memset(o, 0, sizeof *o);
    for (int i = 0; i < GUEST_REGS; i++)
        cpu->r[i] = (uint64_t)(i + 1) * 0x9e3779b97f4a7c15 * (thread + 1u);
    for (int i = 0; i < WORDS; i++)
        o->mem[i] = (uint64_t)i * 77 + (uint64_t)thread;
    cpu->mem = o->mem;
    cpu->fuel = 600;
    cpu->user = &o->notes;
}

static void
finish(const struct cpu *cpu, struct outcome *o)
{
    memcpy(o->r, cpu->r, sizeof o->r);
    o->depth = cpu->depth;
    o->stop = cpu->stop;
    o->fuel = cpu->fuel;
}

static atomic_bool again;      // threads run their program over and over

struct job {
    struct dyn *d;
    uint32_t entry;
    int thread;
    struct outcome got;
};

static void *
translated(void *arg)
{
    struct job *j = arg;
    struct cpu cpu;

    dyn_thread_start(j->d, &cpu);
    do {
        memset(cpu.r, 0, sizeof cpu.r);
        cpu.stop = STOP_NONE;
        begin(&cpu, &j->got, j->thread);
        cpu.call(&cpu, j->entry);
        finish(&cpu, &j->got);
        if (cpu.entering || cpu.leaving)
            j->got.depth = 999;
    } while (atomic_load(&again));
    dyn_thread_end(&cpu);
    return NULL;
}

static void
interpreted(const struct guest *g, uint32_t entry, int thread,
            struct outcome *o)
{
    struct cpu cpu = {.guest = g, .call = interp_call};

    begin(&cpu, o, thread);
    cpu.call(&cpu, entry);
    finish(&cpu, o);
}

static const char *
compare(const struct outcome *want, const struct outcome *got)
{
    return memcmp(want->r, got->r, sizeof want->r)       ? "registers"
           : memcmp(want->mem, got->mem, sizeof want->mem) ? "memory"
           : want->depth != got->depth                    ? "depth"
           : want->stop != got->stop                      ? "stop"
           : want->fuel != got->fuel                      ? "fuel"
           : memcmp(&want->notes, &got->notes, sizeof want->notes)
               ? "native calls"
               : NULL;
}

static uint32_t
held(const struct dyn *d)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < d->chunks; i++)
        for (int k = 0; k < CHUNK_SLOTS; k++)
            sum |= atomic_load(&d->chunk[i].block[k].in_used);
    return sum;
}

static struct dyn_stats total;

static const char *const leak = "in_used after the end";

// The child's half of a fork among running threads: 0 if all is well.
static int
forked(struct dyn *d, const struct guest *g, struct job *j)
{
    struct outcome want;

    if (held(d))
        return 1;
    atomic_store(&again, false);
    translated(j);
    interpreted(g, 0, j->thread, &want);
    return compare(&want, &j->got) ? 2 : held(d) ? 3 : 0;
}

static const char *
fork_among_threads(struct dyn *d, const struct guest *g, struct job *j)
{
    static const char *const what[] = {
        NULL, "in_used right after the fork", "the child's results",
        "in_used at the child's end",
    };
    pid_t pid;
    int status;

    fflush(stdout);
    pid = fork();
    if (pid == 0)
        _exit(forked(d, g, j));
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return "fork failed";
    if (WIFSIGNALED(status) || WEXITSTATUS(status) > 3)
        return "the child's ends";
    return what[WEXITSTATUS(status)];
}

// What differs, or NULL.
static const char *
one(uint64_t seed, int threads, bool forking)
{
    struct guest g = {.code = code, .mask = WORDS - 1, .native = natives,
                      .nnative = 2};
    struct job job[MAX_THREADS];
    pthread_t id[MAX_THREADS];
    struct outcome want;
    const char *wrong = NULL;
    struct dyn *d;

    state = seed * 0x9e3779b97f4a7c15 + 1;
    g.ncode = make_program();
    d = dyn_new(&g, (struct dyn_limits){1 + draw(2), 1 + draw(6)});
    if (!d)
        return "dyn_new failed";
    atomic_store(&again, forking);
    for (int t = 0; t < threads; t++) {
        job[t] = (struct job){.d = d, .entry = 0, .thread = t};
        if (t > 0)
            pthread_create(&id[t], NULL, translated, &job[t]);
    }
    if (forking)
        wrong = fork_among_threads(d, &g, &job[0]);
    atomic_store(&again, false);
    translated(&job[0]);
    for (int t = 0; t < threads; t++) {
        if (t > 0)
            pthread_join(id[t], NULL);
        interpreted(&g, 0, t, &want);
        if (!wrong)
            wrong = compare(&want, &job[t].got);
    }
    if (!wrong && held(d))
        wrong = leak;
    total.translated += d->stats.translated;
    total.purged += d->stats.purged;
    total.interpreted += d->stats.interpreted;
    dyn_free(d);
    return wrong;
}

int
main(int argc, char **argv)
{
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    int threads = argc > 3 ? atoi(argv[3]) : 1;
    bool forking = argc > 4 && strcmp(argv[4], "fork") == 0;
    int bad = 0;

    if (threads < 1 || threads > MAX_THREADS) {
        fprintf(stderr, "random: 1 to %d threads\n", MAX_THREADS);
        return 2;
    }
    printf("1..1\n");
    for (uint64_t i = 0; i < count && bad < 5; i++) {
        const char *wrong = one(seed + i, threads, forking);

        if (wrong) {
            printf("# program %" PRIu64 ": %s differ; again: "
                   "random 1 %" PRIu64 " %d%s\n",
                   seed + i, wrong, seed + i, threads,
                   forking ? " fork" : "");
            bad++;
        }
    }
    printf("%s 1 - %" PRIu64 " random programs, %d thread%s%s, translated as "
           "interpreted\n", bad ? "not ok" : "ok", count, threads,
           threads > 1 ? "s" : "", forking ? ", forks" : "");
    printf("# blocks: %" PRIu64 " translated, %" PRIu64 " purged, %" PRIu64
           " interpreted for want of room\n",
           total.translated, total.purged, total.interpreted);
    return bad > 0;
}
