// SPDX-License-Identifier: MIT
// probe.c -- finds box64's dynablocks by what must be true of each of them.
// The contract is in probe.h; target.c reads memory and knows guest symbols.
// Book: chapter 6.
//
// box64 maps memory for code in chunks.  A chunk has a header, which points to
// itself, and then allocations, each behind a mark that says how far it is to
// the next one, and whether it is in use.  In each that is, there is a block:
//
//     mark | back | native code ... | dynablock_t
//            `----------------------^
//
// `back` points to the dynablock_t, which points to both `back` and the code.
// So no symbols of box64 are needed.  What has been freed is not met on this
// way, though most of its bytes, pointers and counters are there still.
// Where the fields of a dynablock_t lie depends on the version.
#include "probe.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "target.h"

// -------------------------------------------------------------------- layouts

struct layout {
    const char *name;             // the first release that has it
    int since, until;             // versions, as major * 10000 + ...
    uint8_t in_used, tick, guest, guest_size, native_size, size, done, gone;
};

// Releases of one version number differ: candidates are tried in this order.
static const struct layout layouts[] = {
    {"0.4.3-3", 403, 405, 16, 20, 24, 32, 40, 60, 68, 69},
    {"0.4.2", 402, 403, 24, 28, 32, 40, 48, 68, 76, 77},
    {"0.4.0", 400, 401, 24, 28, 32, 40, 48, 60, 68, 69},
};
enum { LAYOUTS = sizeof layouts / sizeof layouts[0] };
enum { BLOCK_BYTES = 80 };        // of a dynablock_t that are looked at

const char *
probe_layouts(void)
{
    return "0.4.0    v0.4.0, v0.4.1-*\n"
           "0.4.2    v0.4.2, v0.4.3-1, v0.4.3-2\n"
           "0.4.3-3  v0.4.3-3 to v0.4.5-1\n";
}

static const struct layout *
layout_named(const char *name)
{
    for (int i = 0; i < LAYOUTS; i++)
        if (strcmp(layouts[i].name, name) == 0)
            return &layouts[i];
    return NULL;
}

// -------------------------------------------------------------------- version

// box64 has its version in words: "Box64 arm64 v0.4.3 nogit with Dynarec".
struct identity {
    int version;                  // 403; 0: not found
    char text[32];
    bool dynarec;
};

static void
identify(const struct target_file *f, struct identity *id)
{
    const char *p = f->bytes, *end = p + f->size;

    while ((p = memmem(p, (size_t)(end - p), "Box64", 5)) != NULL) {
        char line[96] = "";
        int major, minor, revision;
        const char *v;

        memccpy(line, p, 0, (size_t)(end - p) < 95 ? (size_t)(end - p) : 95);
        p += 5;
        v = strstr(line, " v");
        if (!v || sscanf(v, " v%d.%d.%d", &major, &minor, &revision) != 3)
            continue;
        id->version = major * 10000 + minor * 100 + revision;
        snprintf(id->text, sizeof id->text, "%d.%d.%d", major, minor,
                 revision);
        if (strstr(line, "with Dynarec"))
            id->dynarec = true;
    }
}

// ------------------------------------------------------------------ searching

static uint64_t
get64(const unsigned char *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof v);
    return v;
}

static uint32_t
get32(const unsigned char *p)
{
    uint32_t v;

    memcpy(&v, p, sizeof v);
    return v;
}

// How box64 divides its code memory is the same in each version that we know.
enum {
    PAGE = 4096,
    HEADER = 40,                  // of a chunk: block, maxfree, size, first, ..
    MARK = 16,                    // before each allocation: prev, next
    SLACK = 256,                  // what an allocation may have too much
    TRIES = 50,                   // of a walk, where the process runs meanwhile
};
#define FILLED (1u << 31)         // of a mark; the rest is a distance

struct chunk {
    uint64_t address, bytes;
};

struct chunks {
    struct chunk *chunk;
    size_t n, room;
};

// A chunk begins with where its first mark is: behind this header; and it ends
// where a page does.
static bool
looks_like_chunk(const struct target *t, uint64_t here, const unsigned char *p)
{
    uint64_t size = get64(p + 16), first = get64(p + 24);
    const struct target_map *m = target_map(t, here);

    return get64(p) == here + HEADER && size < (1u << 30) &&
           (size + HEADER) % PAGE == 0 && get64(p + 8) < size &&
           first >= here + HEADER && first < here + HEADER + size && m &&
           here + HEADER + size <= m->end;
}

static bool
remember(struct chunks *f, uint64_t address, uint64_t bytes)
{
    if (f->n == f->room) {
        size_t room = f->room ? 2 * f->room : 16;
        struct chunk *p = realloc(f->chunk, room * sizeof *p);

        if (!p)
            return false;
        f->chunk = p;
        f->room = room;
    }
    f->chunk[f->n++] = (struct chunk){address, bytes};
    return true;
}

static bool
search_bytes(const struct target *t, uint64_t base, const unsigned char *p,
             size_t n, struct chunks *f)
{
    for (size_t at = 0; at + HEADER <= n; at += PAGE)
        if (looks_like_chunk(t, base + at, p + at) &&
            !remember(f, base + at, get64(p + at + 16) + HEADER))
            return false;
    return true;
}

// Every page that a chunk may begin with, in memory without a file.
static bool
search(const struct target *t, struct chunks *f)
{
    enum { PIECE = 1 << 20 };
    unsigned char *piece = malloc(PIECE);
    bool ok = piece != NULL;

    for (size_t i = 0; ok && i < t->nmaps; i++) {
        const struct target_map *m = &t->map[i];
        uint64_t from = m->start, to;

        if (!m->readable || m->path[0])
            continue;
        // what was never touched is not read, or it would be made
        while (ok && target_resident(t, &from, m->end, PIECE, &to)) {
            if (target_read(t, from, piece, (size_t)(to - from)))
                ok = search_bytes(t, from, piece, (size_t)(to - from), f);
            from = to;
        }
    }
    free(piece);
    return ok;
}

// -------------------------------------------------------------------- reading

struct blocks {
    struct probe_block *block;
    size_t n, room;
    size_t odd;                   // allocations that hold no block we know
    size_t broken;                // chunks that could not be read to the end
};

static bool
keep(struct blocks *out, const struct probe_block *b)
{
    if (out->n == out->room) {
        size_t room = out->room ? 2 * out->room : 256;
        struct probe_block *p = realloc(out->block, room * sizeof *p);

        if (!p)
            return false;
        out->block = p;
        out->room = room;
    }
    out->block[out->n++] = *b;
    return true;
}

// An allocation of `bytes`, at `code`, holds a block if what its three owners
// say of it agrees: the mark, the words at both its ends, the structure.
static bool
decode(const struct target *t, const struct layout *l, uint64_t code,
       uint64_t bytes, struct probe_block *b)
{
    unsigned char p[BLOCK_BYTES];
    uint64_t here, size;

    if (!target_read(t, code, &here, sizeof here) || here < code ||
        here + BLOCK_BYTES > code + bytes || !target_read(t, here, p, sizeof p))
        return false;
    size = get32(p + l->size);
    *b = (struct probe_block){
        .address = here, .code = get64(p),
        .guest = get64(p + l->guest),
        .guest_size = get64(p + l->guest_size),
        .native_size = get64(p + l->native_size),
        .in_used = get32(p + l->in_used), .tick = get32(p + l->tick),
        .done = p[l->done], .gone = p[l->gone],
    };
    return get64(p + 8) == code && b->code == code + 8 &&
           b->code + b->native_size <= here && size <= bytes &&
           bytes - size < SLACK && here + BLOCK_BYTES <= code + size &&
           p[l->done] <= 1 && p[l->gone] <= 1 &&
           target_map(t, b->guest) != NULL;
}

// From mark to mark.  Each says how far it is to the next, and that one says it
// again; a mark that changed while its block was read does not count.  False
// where the chain breaks.
static bool
walk(const struct target *t, const struct layout *l, const struct chunk *c,
     struct blocks *out)
{
    uint64_t at = c->address + HEADER, end = c->address + c->bytes - MARK;
    uint32_t mark[2], again[2], before = 0;

    while (target_read(t, at, mark, sizeof mark) && mark[0] == before) {
        uint64_t far = mark[1] & ~FILLED;
        struct probe_block b;
        bool ok;

        if (at == end)
            return mark[1] == 0;
        if (far <= MARK || far > end - at)
            return false;
        if (mark[1] & FILLED) {
            ok = decode(t, l, at + MARK, far - MARK, &b);
            if (!target_read(t, at, again, sizeof again) ||
                memcmp(mark, again, sizeof mark) != 0)
                return false;
            if (!ok)
                out->odd++;
            else if (!keep(out, &b))
                return false;
        }
        before = mark[1];
        at += far;
    }
    return false;
}
static int
by_guest(const void *a, const void *b)
{
    const struct probe_block *x = a, *y = b;

    if (x->guest != y->guest)
        return x->guest < y->guest ? -1 : 1;
    return (x->address > y->address) - (x->address < y->address);
}

static enum probe_error
fail(enum probe_error e, char *text, size_t size, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, size, fmt, ap);
    va_end(ap);
    return e;
}

// All blocks of all chunks, as far as this layout fits.
static void
read_chunks(const struct target *t, const struct layout *l,
            const struct chunks *f, struct blocks *out)
{
    for (size_t i = 0; i < f->n; i++) {
        struct blocks before = *out;
        bool whole = false;

        for (int k = 0; k < TRIES && !whole; k++) {
            out->n = before.n;
            out->odd = before.odd;
            whole = walk(t, l, &f->chunk[i], out);
        }
        if (!whole)
            out->broken++;
    }
}

// The layout that fits most allocations, if that is more than half of them.
static const struct layout *
choose(const struct target *t, const struct identity *id, const char *forced,
       const struct chunks *f, struct blocks *best)
{
    const struct layout *found = NULL;

    for (int i = 0; i < LAYOUTS; i++) {
        const struct layout *l = &layouts[i];
        struct blocks b = {0};

        if (forced ? strcmp(forced, l->name) != 0
                   : id->version < l->since || id->version > l->until)
            continue;
        read_chunks(t, l, f, &b);
        if (b.n > best->n && b.n > b.odd) {
            free(best->block);
            *best = b;
            found = l;
        } else {
            best->odd += found ? 0 : b.odd;
            free(b.block);
        }
    }
    return found;
}

static enum probe_error
read_blocks(const struct target *t, const struct identity *id,
            const char *forced, struct probe_view *v, char *text, size_t size)
{
    struct chunks f = {0};
    struct blocks b = {0};
    const struct layout *l;

    if (!search(t, &f)) {
        free(f.chunk);
        return fail(PROBE_SYSTEM, text, size, "out of memory");
    }
    l = choose(t, id, forced, &f, &b);
    v->block = b.block;
    v->nblocks = b.n;
    v->broken = b.broken;
    v->chunks = f.n;
    for (size_t i = 0; i < f.n; i++)
        v->mapped += f.chunk[i].bytes;
    free(f.chunk);
    if (!l && b.odd > 0)
        return fail(PROBE_UNKNOWN_VERSION, text, size,
                    "process %d is box64 %s, and there is code in it, but its "
                    "blocks are not laid out as this probe knows them%s%s; "
                    "there are:\n%s", (int)t->pid, id->text,
                    forced ? " by the name of " : "", forced ? forced : "",
                    probe_layouts());
    if (!l)
        return fail(PROBE_NO_BLOCKS, text, size,
                    "process %d is box64 %s, but there is no block in it: has "
                    "it run anything yet, with BOX64_DYNAREC=1?", (int)t->pid,
                    id->text);
    snprintf(v->layout, sizeof v->layout, "%s", l->name);
    for (size_t i = 0; i < v->nblocks; i++)
        target_name(t, v->block[i].guest, v->block[i].name,
                    sizeof v->block[i].name, &v->block[i].offset);
    qsort(v->block, v->nblocks, sizeof *v->block, by_guest);
    return PROBE_OK;
}

static enum probe_error
check_identity(const struct target *t, const struct identity *id,
               const char *forced, char *text, size_t size)
{
    int pid = (int)t->pid;

    if (id->version == 0)
        return fail(PROBE_NOT_BOX64, text, size,
                    "process %d (%s) is not box64: no file that it has mapped "
                    "says so", pid, t->name);
    if (!id->dynarec)
        return fail(PROBE_NO_DYNAREC, text, size,
                    "process %d is a box64 %s without a dynarec: it has no "
                    "blocks and no counters", pid, id->text);
    if (forced)
        return PROBE_OK;
    if (id->version < 400)
        return fail(PROBE_UNKNOWN_VERSION, text, size,
                    "process %d is box64 %s; before 0.4.0 blocks have no "
                    "counters", pid, id->text);
    if (id->version > 405)
        return fail(PROBE_UNKNOWN_VERSION, text, size,
                    "process %d is box64 %s, newer than this probe knows; try "
                    "--layout 0.4.3-3, and see whether the names make sense",
                    pid, id->text);
    return PROBE_OK;
}

enum probe_error
probe(pid_t pid, const char *layout, struct probe_view *v, char *text,
      size_t size)
{
    struct identity id = {0};
    struct target t;
    enum probe_error e;

    memset(v, 0, sizeof *v);
    if (layout && !layout_named(layout))
        return fail(PROBE_UNKNOWN_VERSION, text, size,
                    "no layout %s; there are:\n%s", layout, probe_layouts());
    if (!target_open(&t, pid))
        return fail(PROBE_NO_PROCESS, text, size, "process %d: %s", (int)pid,
                    errno == ENOENT ? "there is none" : strerror(errno));
    for (size_t i = 0; i < t.nfiles && id.version == 0; i++)
        identify(&t.file[i], &id);
    e = check_identity(&t, &id, layout, text, size);
    if (e == PROBE_OK) {
        memcpy(v->version, id.text, sizeof v->version);
        v->counting = target_environment(&t, "BOX64_DYNAREC_PURGE=1");
        e = read_blocks(&t, &id, layout, v, text, size);
    }
    target_close(&t);
    if (e != PROBE_OK)
        probe_free(v);
    return e;
}

void
probe_free(struct probe_view *v)
{
    free(v->block);
    v->block = NULL;
    v->nblocks = 0;
}
