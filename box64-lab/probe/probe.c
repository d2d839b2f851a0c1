// SPDX-License-Identifier: MIT
// probe.c -- finds box64's dynablocks by what must be true of each of them.
// The contract is in probe.h; target.c reads memory and knows guest symbols.
// Book: chapter 6.
//
// A dynablock_t starts with two pointers into its own allocation:
//
//     actual_block -> [ pointer back to the dynablock_t ]
//     block        -> [ native code ... ]                  8 bytes further
//
// and the eight bytes before `block` point back at the structure.  Words that
// look like that by chance are rare, and rarer still are those whose other
// fields make sense as well.  So no symbols of box64 are needed: every word of
// its private memory is tried.  Where the fields lie depends on the version.
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
    uint8_t in_used, tick, guest, guest_size, native_size, done, gone;
};

// Releases of one version number differ: candidates are tried in this order.
static const struct layout layouts[] = {
    {"0.4.3-3", 403, 405, 16, 20, 24, 32, 40, 68, 69},
    {"0.4.2", 402, 403, 24, 28, 32, 40, 48, 76, 77},
    {"0.4.0", 400, 401, 24, 28, 32, 40, 48, 68, 69},
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

// The cheap half of the test: two pointers, near each other and near here.
static bool
looks_like_block(uint64_t here, const unsigned char *p)
{
    uint64_t block = get64(p), actual = get64(p + 8);

    return block > 4096 && block % 4 == 0 && actual + 8 <= block &&
           block - actual <= 65536 &&
           (block > here ? block - here : here - block) < (64u << 20);
}

static bool
back_pointer(const struct target *t, uint64_t here, uint64_t block)
{
    uint64_t back = 0;

    return target_read(t, block - 8, &back, sizeof back) && back == here;
}

static bool
decode(const struct target *t, const struct layout *l, uint64_t here,
       const unsigned char *p, struct probe_block *b)
{
    *b = (struct probe_block){
        .address = here, .code = get64(p),
        .guest = get64(p + l->guest),
        .guest_size = get64(p + l->guest_size),
        .native_size = get64(p + l->native_size),
        .in_used = get32(p + l->in_used), .tick = get32(p + l->tick),
        .done = p[l->done], .gone = p[l->gone],
    };
    return p[l->done] <= 1 && p[l->gone] <= 1 && b->guest > 4096 &&
           b->guest_size < (1u << 20) && b->native_size < (16u << 20) &&
           target_map(t, b->guest) != NULL;
}

struct found {
    uint64_t *address;
    size_t n, room;
};

static bool
remember(struct found *f, uint64_t address)
{
    if (f->n == f->room) {
        size_t room = f->room ? 2 * f->room : 256;
        uint64_t *p = realloc(f->address, room * sizeof *p);

        if (!p)
            return false;
        f->address = p;
        f->room = room;
    }
    f->address[f->n++] = address;
    return true;
}

static bool
search_bytes(const struct target *t, uint64_t base, const unsigned char *p,
             size_t n, struct found *f)
{
    for (size_t at = 0; at + 16 <= n; at += 8)
        if (looks_like_block(base + at, p + at) &&
            back_pointer(t, base + at, get64(p + at)) &&
            !remember(f, base + at))
            return false;
    return true;
}

// Every place where the back pointer is right, in memory without a file.
static bool
search(const struct target *t, struct found *f)
{
    enum { PIECE = 1 << 20 };
    unsigned char *piece = malloc(PIECE + 16);
    bool ok = piece != NULL;

    for (size_t i = 0; ok && i < t->nmaps; i++) {
        const struct target_map *m = &t->map[i];
        uint64_t from = m->start, to;

        if (!m->readable || m->path[0])
            continue;
        // what was never touched is not read, or it would be made
        while (ok && target_resident(t, &from, m->end, PIECE, &to)) {
            // and a little more: a structure may lie across
            size_t n = (size_t)(to - from);
            size_t more = to + 16 <= m->end ? 16 : 0;

            if (target_read(t, from, piece, n + more))
                ok = search_bytes(t, from, piece, n + more, f);
            else if (target_read(t, from, piece, n))
                ok = search_bytes(t, from, piece, n, f);
            from = to;
        }
    }
    free(piece);
    return ok;
}

// -------------------------------------------------------------------- reading

static size_t
decode_all(const struct target *t, const struct layout *l,
           const struct found *f, struct probe_block *out)
{
    unsigned char bytes[BLOCK_BYTES];
    size_t n = 0;

    for (size_t i = 0; i < f->n; i++)
        if (target_read(t, f->address[i], bytes, sizeof bytes) &&
            decode(t, l, f->address[i], bytes, &out[n]))
            n++;
    return n;
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

// The layout under which most of what was found makes sense.
static const struct layout *
choose(const struct target *t, const struct identity *id, const char *forced,
       const struct found *f, struct probe_view *v)
{
    const struct layout *best = NULL;
    struct probe_block *try = calloc(f->n + 1, sizeof *try);

    for (int i = 0; try && i < LAYOUTS; i++) {
        const struct layout *l = &layouts[i];
        size_t n;

        if (forced ? strcmp(forced, l->name) != 0
                   : id->version < l->since || id->version > l->until)
            continue;
        n = decode_all(t, l, f, try);
        if (n > v->nblocks) {
            struct probe_block *old = v->block;

            v->block = try;
            v->nblocks = n;
            best = l;
            try = old ? old : calloc(f->n + 1, sizeof *try);
        }
    }
    free(try);
    return best;
}

static enum probe_error
read_blocks(const struct target *t, const struct identity *id,
            const char *forced, struct probe_view *v, char *text, size_t size)
{
    struct found f = {0};
    const struct layout *l;

    if (!search(t, &f)) {
        free(f.address);
        return fail(PROBE_SYSTEM, text, size, "out of memory");
    }
    l = choose(t, id, forced, &f, v);
    free(f.address);
    if (!l)
        return fail(PROBE_NO_BLOCKS, text, size,
                    "process %d is box64 %s, but nothing in it looks like a "
                    "block: has it run anything yet, with BOX64_DYNAREC=1?",
                    (int)t->pid, id->text);
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
