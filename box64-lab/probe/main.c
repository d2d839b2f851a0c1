// SPDX-License-Identifier: MIT
// main.c -- the probe: prints the dynablocks of a running box64.
// probe.c finds them.  Book: chapter 6.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "probe.h"

static const char usage[] =
    "usage: probe [options] PID\n"
    "  --held           only blocks whose in_used is not 0\n"
    "  --name TEXT      only blocks whose function's name starts so\n"
    "  --json           as JSON, one object a look\n"
    "  --every MS       again and again, until the process is gone\n"
    "  --times N        with --every: so often\n"
    "  --layout NAME    take this layout, whatever the version says\n"
    "  --layouts        the layouts that there are\n"
    "PID is a box64, or the qemu-aarch64 that runs one.\n"
    "exit status: 0; 1 usage; 2 no such process; 3 not box64; 4 no dynarec;\n"
    "5 version or layout not known; 6 no blocks; 7 other\n";

struct options {
    bool held, json;
    const char *name, *layout;
    long every, times;
};

static bool
wanted(const struct options *o, const struct probe_block *b)
{
    return (!o->held || b->in_used != 0) &&
           (!o->name || strncmp(b->name, o->name, strlen(o->name)) == 0);
}

static const char *
where(const struct probe_block *b, char *text, size_t size)
{
    if (b->offset)
        snprintf(text, size, "%s+0x%x", b->name, b->offset);
    else
        snprintf(text, size, "%s", b->name[0] ? b->name : "-");
    return text;
}

static void
print_table(const struct options *o, const struct probe_view *v)
{
    size_t shown = 0, held = 0;
    char text[96];

    printf("%-14s %-14s %-28s %8s %6s %7s %s\n", "block", "guest", "function",
           "in_used", "tick", "size", "state");
    for (size_t i = 0; i < v->nblocks; i++) {
        const struct probe_block *b = &v->block[i];

        held += b->in_used != 0;
        if (!wanted(o, b))
            continue;
        shown++;
        printf("0x%-12" PRIx64 " 0x%-12" PRIx64 " %-28s %8" PRIu32
               " %6" PRIu32 " %7" PRIu64 " %s\n",
               b->address, b->guest, where(b, text, sizeof text), b->in_used,
               b->tick, b->native_size,
               b->gone ? "gone" : b->done ? "done" : "-");
    }
    printf("%zu of %zu blocks, %zu held; box64 %s, layout %s\n", shown,
           v->nblocks, held, v->version, v->layout);
    printf("%" PRIu64 " bytes mapped for code, %zu chunk%s\n", v->mapped,
           v->chunks, v->chunks == 1 ? "" : "s");
    if (v->broken)
        printf("%zu of them could not be read to the end: blocks are being "
               "made or freed, or were at a fork.\n", v->broken);
    if (held == 0 && !v->counting)
        printf("This box64 does not count: it was started without "
               "BOX64_DYNAREC_PURGE=1.\n");
}

static void
print_string(const char *s)
{
    putchar('"');
    for (; *s; s++)
        if (*s == '"' || *s == '\\')
            printf("\\%c", *s);
        else if ((unsigned char)*s < ' ')
            printf("\\u%04x", (unsigned)*s);
        else
            putchar(*s);
    putchar('"');
}

static void
print_json(const struct options *o, const struct probe_view *v, int pid)
{
    const char *comma = "";

    printf("{\"pid\": %d, \"box64\": \"%s\", \"layout\": \"%s\", "
           "\"counting\": %s, \"chunks\": %zu, \"mapped\": %" PRIu64
           ", \"broken\": %zu, \"blocks\": [",
           pid, v->version, v->layout, v->counting ? "true" : "false",
           v->chunks, v->mapped, v->broken);
    for (size_t i = 0; i < v->nblocks; i++) {
        const struct probe_block *b = &v->block[i];

        if (!wanted(o, b))
            continue;
        printf("%s\n {\"block\": %" PRIu64 ", \"code\": %" PRIu64
               ", \"guest\": %" PRIu64 ", \"function\": ",
               comma, b->address, b->code, b->guest);
        print_string(b->name);
        printf(", \"offset\": %" PRIu32 ", \"in_used\": %" PRIu32
               ", \"tick\": %" PRIu32 ", \"native_size\": %" PRIu64
               ", \"guest_size\": %" PRIu64 ", \"done\": %s, \"gone\": %s}",
               b->offset, b->in_used, b->tick, b->native_size, b->guest_size,
               b->done ? "true" : "false", b->gone ? "true" : "false");
        comma = ",";
    }
    printf("]}\n");
}

static int
look(const struct options *o, int pid)
{
    struct probe_view v;
    char text[512];
    enum probe_error e = probe(pid, o->layout, &v, text, sizeof text);

    if (e != PROBE_OK) {
        fprintf(stderr, "probe: %s\n", text);
        return (int)e + 1;
    }
    if (o->json)
        print_json(o, &v, pid);
    else
        print_table(o, &v);
    fflush(stdout);
    probe_free(&v);
    return 0;
}

static int
bad_usage(void)
{
    fputs(usage, stderr);
    return 1;
}

int
main(int argc, char **argv)
{
    struct options o = {.every = 0};
    int pid = 0, status;

    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        bool more = i + 1 < argc;

        if (strcmp(a, "--held") == 0)
            o.held = true;
        else if (strcmp(a, "--json") == 0)
            o.json = true;
        else if (strcmp(a, "--layouts") == 0)
            return fputs(probe_layouts(), stdout) < 0;
        else if (strcmp(a, "--name") == 0 && more)
            o.name = argv[++i];
        else if (strcmp(a, "--layout") == 0 && more)
            o.layout = argv[++i];
        else if (strcmp(a, "--every") == 0 && more)
            o.every = atol(argv[++i]);
        else if (strcmp(a, "--times") == 0 && more)
            o.times = atol(argv[++i]);
        else if (pid == 0 && (pid = atoi(a)) > 0)
            continue;
        else
            return bad_usage();
    }
    if (pid <= 0)
        return bad_usage();
    status = look(&o, pid);
    for (long n = 1; status == 0 && o.every > 0 && n != o.times; n++) {
        struct timespec t = {o.every / 1000, o.every % 1000 * 1000000};

        nanosleep(&t, NULL);
        if (!o.json)
            putchar('\n');
        status = look(&o, pid);
        if (status == 2)
            return 0;    // it has ended: so do we
    }
    return status;
}
