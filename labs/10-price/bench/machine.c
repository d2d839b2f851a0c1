// SPDX-License-Identifier: MIT
// machine.c -- where the figures come from: read, never changed.  Used by
// main.c, failure.c and out.c.  Book: chapter 10.
#include "machine.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

// The first line of a file, or "unknown".
static void
line_of(const char *path, char *text, int size)
{
    FILE *f = fopen(path, "r");
    if (!f || !fgets(text, size, f))
        snprintf(text, (size_t)size, "unknown");
    if (f)
        fclose(f);
    text[strcspn(text, "\n")] = '\0';
}

// "always [madvise] never" becomes "madvise".
static void
chosen(char *text)
{
    char *open = strchr(text, '['), *end = open ? strchr(open, ']') : NULL;
    if (!end)
        return;
    *end = '\0';
    memmove(text, open + 1, strlen(open));
}

static void
meminfo(struct machine *m)
{
    char line[128];
    FILE *f = fopen("/proc/meminfo", "r");
    struct {
        const char *format;
        long *mb;
    } wanted[] = {
        {"MemTotal: %ld", &m->memory_mb},
        {"MemAvailable: %ld", &m->available_mb},
        {"SwapTotal: %ld", &m->swap_mb},
        {"CommitLimit: %ld", &m->commit_limit_mb},
        {"Committed_AS: %ld", &m->committed_mb},
    };
    while (f && fgets(line, sizeof line, f))
        for (int i = 0; i < 5; i++) {
            long kb;
            if (sscanf(line, wanted[i].format, &kb) == 1)
                *wanted[i].mb = kb / 1024;
        }
    if (f)
        fclose(f);
}

void
machine_look(struct machine *m)
{
    struct utsname u;
    char line[256];
    memset(m, 0, sizeof *m);
    snprintf(m->cpu, sizeof m->cpu, "unknown");
    FILE *f = fopen("/proc/cpuinfo", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "model name : %127[^\n]", m->cpu) == 1)
            break;
    if (f)
        fclose(f);
    if (uname(&u) == 0)
        snprintf(m->kernel, sizeof m->kernel, "%s %s %s", u.sysname,
                 u.release, u.machine);
    m->cores = sysconf(_SC_NPROCESSORS_ONLN);
    line_of("/sys/kernel/mm/transparent_hugepage/enabled", m->thp,
            sizeof m->thp);
    line_of("/sys/kernel/mm/transparent_hugepage/defrag", m->thp_defrag,
            sizeof m->thp_defrag);
    chosen(m->thp);
    chosen(m->thp_defrag);
    line_of("/proc/loadavg", m->load, sizeof m->load);
    line_of("/proc/sys/vm/overcommit_memory", line, sizeof line);
    m->overcommit = -1;
    sscanf(line, "%d", &m->overcommit);
    meminfo(m);
}
