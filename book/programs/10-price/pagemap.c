// SPDX-License-Identifier: MIT
// pagemap.c -- how a process's pages are mapped, a letter each, and what smaps
// counts: pagemap PID ADDRESS PAGES.  Book: chapter 10.
//   P  it alone maps the page    S  others map it, too    .  not there
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAGE = 4096 };

//> pagemap
// An entry of /proc/PID/pagemap has 64 bits for a page; whoever may trace the
// process may read bits 63 (present) and 56 (mapped once).
static void
letters(const char *pid, unsigned long address, int n)
{
    char path[64];
    uint64_t entry;
    snprintf(path, sizeof(path), "/proc/%s/pagemap", pid);
    int fd = open(path, O_RDONLY);
    for (int i = 0; i < n; i++) {
        off_t at = (off_t)(address / PAGE + (unsigned)i) * 8;
        if (pread(fd, &entry, sizeof(entry), at) != sizeof(entry))
            entry = 0;
        putchar(!(entry >> 63 & 1) ? '.' : entry >> 56 & 1 ? 'P' : 'S');
    }
    putchar('\n');
    close(fd);
}
//< pagemap

static void
counts(const char *pid, unsigned long address)
{
    char path[64], line[256];
    unsigned long from, to;
    int inside = 0;
    snprintf(path, sizeof(path), "/proc/%s/smaps", pid);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof(line), f))
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            inside = from <= address && address < to;
        else if (inside && (strncmp(line, "Shared_Dirty", 12) == 0 ||
                            strncmp(line, "Private_Dirty", 13) == 0 ||
                            strncmp(line, "Pss:", 4) == 0))
            fputs(line, stdout);
    if (f)
        fclose(f);
}

int
main(int argc, char **argv)
{
    if (argc != 4) {
        fputs("usage: pagemap PID ADDRESS PAGES\n", stderr);
        return 2;
    }
    unsigned long address = strtoul(argv[2], NULL, 0);
    letters(argv[1], address, atoi(argv[3]));
    counts(argv[1], address);
    return 0;
}
