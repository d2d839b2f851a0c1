// SPDX-License-Identifier: MIT
// proc.c -- look at other people's processes through /proc; see proc.h.
#include "proc.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Read the start of a small file of /proc into text; its length, or -1.
static ssize_t
slurp(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    size_t have = 0;
    ssize_t n;
    while (have < size - 1 && (n = read(fd, text + have, size - 1 - have)) > 0)
        have += (size_t)n;
    close(fd);
    text[have] = '\0';
    return (ssize_t)have;
}

static int
walk_children(const char *list, int (*visit)(pid_t, void *), void *arg)
{
    for (const char *p = list; *p;) {
        char *end;
        long pid = strtol(p, &end, 10);
        if (end == p)
            break;
        p = end;
        int stop = visit((pid_t)pid, arg);
        if (!stop)
            stop = proc_walk((pid_t)pid, visit, arg);
        if (stop)
            return stop;
    }
    return 0;
}

// Where the kernel has no children file: every process whose parent is root.
static int
walk_all(pid_t root, int (*visit)(pid_t, void *), void *arg)
{
    DIR *proc = opendir("/proc");
    if (!proc)
        return 0;
    int stop = 0;
    struct dirent *e;
    while (!stop && (e = readdir(proc))) {
        char path[64], text[512];
        if (!isdigit((unsigned char)e->d_name[0]))
            continue;
        snprintf(path, sizeof path, "/proc/%.20s/stat", e->d_name);
        if (slurp(path, text, sizeof text) <= 0)
            continue;
        char *p = strrchr(text, ')');  // the name may hold anything before it
        int parent;
        if (!p || sscanf(p, ") %*c %d", &parent) != 1 || parent != root)
            continue;
        pid_t pid = (pid_t)atoi(e->d_name);
        stop = visit(pid, arg);
        if (!stop)
            stop = walk_all(pid, visit, arg);
    }
    closedir(proc);
    return stop;
}

int
proc_walk(pid_t root, int (*visit)(pid_t, void *), void *arg)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)root);
    DIR *tasks = opendir(path);
    if (!tasks)
        return 0;
    int stop = 0;
    struct dirent *e;
    while (!stop && (e = readdir(tasks))) {
        if (!isdigit((unsigned char)e->d_name[0]))
            continue;
        static const size_t most = 1 << 16;  // some 10,000 children
        char *list = malloc(most);
        char file[96];
        snprintf(file, sizeof file, "%s/%.20s/children", path, e->d_name);
        if (list && slurp(file, list, most) >= 0) {
            stop = walk_children(list, visit, arg);
        } else if (access("/proc/self/task", R_OK) == 0 &&
                   access("/proc/thread-self/children", F_OK) < 0) {
            stop = walk_all(root, visit, arg);
            free(list);
            break;
        }
        free(list);
    }
    closedir(tasks);
    return stop;
}

struct use_walk {
    struct proc_use use;
    int shared;
};

static size_t
resident(pid_t pid, int shared)
{
    char path[64], text[2048];
    unsigned long n;
    if (shared) {
        snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
        if (slurp(path, text, sizeof text) > 0) {
            char *pss = strstr(text, "\nPss:");
            if (pss && sscanf(pss, "\nPss: %lu kB", &n) == 1)
                return n * 1024;
        }
    }
    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    if (slurp(path, text, sizeof text) > 0 &&
        sscanf(text, "%*u %lu", &n) == 1)
        return n * (size_t)sysconf(_SC_PAGESIZE);
    return 0;
}

static int
add_use(pid_t pid, void *arg)
{
    struct use_walk *w = arg;
    w->use.processes++;
    w->use.bytes += resident(pid, w->shared);
    return 0;
}

struct proc_use
proc_use(pid_t root, int shared)
{
    struct use_walk w = {.shared = shared};
    proc_walk(root, add_use, &w);
    return w.use;
}

struct inner_walk {
    pid_t inner, found;
};

static int
is_inner(pid_t pid, void *arg)
{
    struct inner_walk *w = arg;
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    if (slurp(path, text, sizeof text) <= 0)
        return 0;
    char *line = strstr(text, "\nNSpid:");
    if (!line)
        return 0;
    line += 7;
    line[strcspn(line, "\n")] = '\0';
    char *last = strrchr(line, '\t');
    if (!last || atoi(last + 1) != w->inner)
        return 0;
    w->found = pid;
    return 1;
}

pid_t
proc_find_inner(pid_t root, pid_t inner)
{
    struct inner_walk w = {.inner = inner};
    proc_walk(root, is_inner, &w);
    return w.found;
}

struct exe_walk {
    const char *exe;
    pid_t found;
};

static int
is_exe(pid_t pid, void *arg)
{
    struct exe_walk *w = arg;
    char path[64], exe[PATH_MAX];
    snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
    ssize_t n = readlink(path, exe, sizeof exe - 1);
    if (n < 0)
        return 0;
    exe[n] = '\0';
    if (strcmp(exe, w->exe) != 0)
        return 0;
    w->found = pid;
    return 1;
}

pid_t
proc_find_exe(pid_t root, const char *exe)
{
    struct exe_walk w = {.exe = exe};
    proc_walk(root, is_exe, &w);
    return w.found;
}

unsigned
proc_count_user(uid_t uid)
{
    DIR *proc = opendir("/proc");
    if (!proc)
        return 0;
    unsigned n = 0;
    struct dirent *e;
    struct stat st;
    while ((e = readdir(proc)))
        if (isdigit((unsigned char)e->d_name[0]) &&
            fstatat(dirfd(proc), e->d_name, &st, 0) == 0 && st.st_uid == uid)
            n++;
    closedir(proc);
    return n;
}
