// SPDX-License-Identifier: MIT
// tree.c -- the multiverse as a tree: JSON, and a graph for dot.
// Called by the host; the nodes are node.c's.  Book: chapters 7 and 9.

#include <errno.h>
#include <inttypes.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "world.h"

extern char **environ;

static int
need_tree(const struct split *x)
{
    return x->world->config.keep_tree ? 0 : -ENODATA;
}

// A string between quotes, for JSON and for dot alike.
static void
quoted(FILE *out, const char *s)
{
    fputc('"', out);
    for (; *s; s++) {
        if ((unsigned char)*s < ' ')
            fprintf(out, "\\u%04x", (unsigned char)*s);
        else
            fprintf(out, "%s%c", *s == '"' || *s == '\\' ? "\\" : "", *s);
    }
    fputc('"', out);
}

static const char *
death_of(const struct node *n)
{
    int death = atomic_load(&n->death);

    return death < 0 ? "unknown" : split_death_name((enum split_death)death);
}

int
split_tree_json(const struct split *x, FILE *out)
{
    struct world *w = x->world;
    const char *comma = "";

    if (need_tree(x))
        return -ENODATA;
    fputs("[", out);
    for (uint64_t i = 0; i < atomic_load(&w->timelines); i++) {
        struct node *n = node_get(w, i);

        if (!n)
            break;
        fprintf(out, "%s\n{\"timeline\":%" PRIu64 ",\"depth\":%u", comma, i,
                n->depth);
        if (n->mark) {
            fprintf(out, ",\"parent\":%" PRIu64 ",\"mark\":", n->parent);
            quoted(out, n->mark->name);
        }
        fprintf(out, ",\"count\":%" PRIu64 ",\"seed\":\"%" PRIu64
                "\",\"new\":%" PRIu64 ",\"end\":\"%s\",\"code\":%d}",
                n->step.count, n->step.seed, atomic_load(&n->yield),
                death_of(n), atomic_load(&n->code));
        comma = ",";
    }
    fputs("\n]\n", out);
    return ferror(out) ? -EIO : 0;
}

// Red: a finding; blue: it or a descendant saw something new.
static const char *
colour(const struct node *n)
{
    int death = atomic_load(&n->death);

    if (death > SPLIT_FINE && death < SPLIT_STOPPED)
        return "#e06c5a";
    return atomic_load(&n->yield) ? "#9ec5e8" : "#eeeeee";
}

int
split_tree_dot(const struct split *x, FILE *out)
{
    struct world *w = x->world;

    if (need_tree(x))
        return -ENODATA;
    fputs("digraph multiverse {\n  rankdir=LR;\n  node [shape=box, "
          "style=filled, fontname=\"Helvetica\", fontsize=10];\n  edge "
          "[fontname=\"Helvetica\", fontsize=9];\n", out);
    for (uint64_t i = 0; i < atomic_load(&w->timelines); i++) {
        struct node *n = node_get(w, i);

        if (!n)
            break;
        fprintf(out, "  t%" PRIu64 " [label=\"%" PRIu64 "\\n%s\", "
                "fillcolor=\"%s\"];\n", i, i, death_of(n), colour(n));
        if (!n->mark)
            continue;
        fprintf(out, "  t%" PRIu64 " -> t%" PRIu64 " [label=", n->parent, i);
        quoted(out, n->mark->name);
        fputs("];\n", out);
    }
    fputs("}\n", out);
    return ferror(out) ? -EIO : 0;
}

static int
run_dot(struct split *x, const char *from, const char *to)
{
    char *argv[] = {"dot", "-Tsvg", "-o", (char *)to, (char *)from, NULL};
    int status = -1, e;
    pid_t pid;

    if ((e = posix_spawnp(&pid, "dot", NULL, NULL, argv, environ)))
        return fail(x, -e, "dot could not be started: %s; it is in the "
                    "package graphviz", strerror(e));
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (status)
        return fail(x, -EIO, "dot could not draw %s", to);
    return 0;
}

int
split_tree_svg(struct split *x, const char *path)
{
    char from[4096];
    FILE *out;
    int e;

    if (need_tree(x))
        return fail(x, -ENODATA, "there is no tree: keep_tree was not set");
    if (snprintf(from, sizeof(from), "%s.dot", path) >= (int)sizeof(from))
        return fail(x, -ENAMETOOLONG, "the path is too long");
    if (!(out = fopen(from, "we")))
        return fail(x, -errno, "%s: %s", from, strerror(errno));
    e = split_tree_dot(x, out);
    if (fclose(out) || e)
        return fail(x, -EIO, "%s could not be written", from);
    e = run_dot(x, from, path);
    unlink(from);
    return e;
}
