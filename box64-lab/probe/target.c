// SPDX-License-Identifier: MIT
// target.c -- /proc/PID as a process to be read: maps, mem, pagemap, files.
// Called by probe.c; the contract is in target.h.  Book: chapter 6.
#include "target.h"

#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096 };

static int
open_proc(pid_t pid, const char *what)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, what);
    return open(path, O_RDONLY | O_CLOEXEC);
}

// ------------------------------------------------------------------- mappings

// qemu makes pages read-only that hold translated code, which splits mappings.
static bool
join(struct target *t, const struct target_map *m)
{
    struct target_map *last = t->nmaps ? &t->map[t->nmaps - 1] : NULL;

    if (!last || last->end != m->start || last->path[0] || m->path[0] ||
        last->readable != m->readable)
        return false;
    last->end = m->end;
    return true;
}

static bool
add_map(struct target *t, const struct target_map *m)
{
    struct target_map *p;

    if (join(t, m))
        return true;
    p = realloc(t->map, (t->nmaps + 1) * sizeof *p);
    if (!p)
        return false;
    t->map = p;
    t->map[t->nmaps++] = *m;
    return true;
}

static bool
read_maps(struct target *t)
{
    char path[64], line[512];
    bool ok = true;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/maps", (int)t->pid);
    f = fopen(path, "re");
    if (!f)
        return false;
    while (ok && fgets(line, sizeof line, f)) {
        struct target_map m = {0};
        unsigned long start, end, offset;
        char perms[5] = "";
        int at = 0;

        if (sscanf(line, "%lx-%lx %4s %lx %*s %*s %n", &start, &end, perms,
                   &offset, &at) < 4)
            continue;
        line[strcspn(line, "\n")] = 0;
        // [heap], [stack] and the like: only the kernel's own cannot be read
        if (at > 0 && line[at] == '/')
            snprintf(m.path, sizeof m.path, "%s", line + at);
        m.start = start;
        m.end = end;
        m.offset = offset;
        m.readable = perms[0] == 'r' && (at == 0 || line[at] != '[' ||
                                         strcmp(line + at, "[heap]") == 0);
        ok = add_map(t, &m);
    }
    fclose(f);
    return ok;
}

const struct target_map *
target_map(const struct target *t, uint64_t address)
{
    size_t low = 0, high = t->nmaps;

    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct target_map *m = &t->map[middle];

        if (address < m->start)
            high = middle;
        else if (address >= m->end)
            low = middle + 1;
        else
            return m;
    }
    return NULL;
}

// ---------------------------------------------------------------------- files

// A file that the target has mapped, as the target sees it.
static bool
add_file(struct target *t, const struct target_map *m)
{
    char path[320];
    struct target_file *p, f = {.base = m->start - m->offset};
    struct stat st;
    void *bytes;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/root%s", (int)t->pid, m->path);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        fd = open(m->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return true;    // deleted meanwhile: goes without
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < 64) {
        close(fd);
        return true;
    }
    bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (bytes == MAP_FAILED)
        return true;
    f.bytes = bytes;
    f.size = (size_t)st.st_size;
    snprintf(f.path, sizeof f.path, "%s", m->path);
    f.guest = memcmp(f.bytes, ELFMAG, SELFMAG) == 0 &&
              ((const Elf64_Ehdr *)bytes)->e_machine == EM_X86_64;
    p = realloc(t->file, (t->nfiles + 1) * sizeof *p);
    if (!p) {
        munmap(bytes, f.size);
        return false;
    }
    t->file = p;
    t->file[t->nfiles++] = f;
    return true;
}

static bool
read_files(struct target *t)
{
    for (size_t i = 0; i < t->nmaps; i++) {
        bool seen = !t->map[i].path[0];

        for (size_t k = 0; !seen && k < t->nfiles; k++)
            seen = strcmp(t->file[k].path, t->map[i].path) == 0;
        if (!seen && !add_file(t, &t->map[i]))
            return false;
    }
    return true;
}

bool
target_open(struct target *t, pid_t pid)
{
    int fd, n, saved;

    *t = (struct target){.pid = pid, .mem = -1, .pagemap = -1};
    fd = open_proc(pid, "comm");
    if (fd < 0)
        return false;
    n = (int)read(fd, t->name, sizeof t->name - 1);
    close(fd);
    t->name[n > 0 ? n : 0] = 0;
    t->name[strcspn(t->name, "\n")] = 0;
    t->mem = open_proc(pid, "mem");
    t->pagemap = open_proc(pid, "pagemap");
    if (t->mem >= 0 && read_maps(t) && read_files(t))
        return true;
    saved = errno;
    target_close(t);
    errno = saved;
    return false;
}

void
target_close(struct target *t)
{
    for (size_t i = 0; i < t->nfiles; i++)
        munmap((void *)(uintptr_t)t->file[i].bytes, t->file[i].size);
    free(t->file);
    free(t->map);
    if (t->mem >= 0)
        close(t->mem);
    if (t->pagemap >= 0)
        close(t->pagemap);
    *t = (struct target){.mem = -1, .pagemap = -1};
}

// --------------------------------------------------------------------- memory

bool
target_read(const struct target *t, uint64_t address, void *out, size_t n)
{
    return pread(t->mem, out, n, (off_t)address) == (ssize_t)n;
}

// Of each page pagemap has eight bytes: bit 63, it is in memory; 62, in swap.
bool
target_resident(const struct target *t, uint64_t *from, uint64_t end,
                size_t most, uint64_t *to)
{
    enum { AHEAD = 512 };
    uint64_t entry[AHEAD];

    for (; t->pagemap >= 0 && *from < end; *from = *to) {
        uint64_t pages = (end - *from) / PAGE;
        size_t n = pages < AHEAD ? (size_t)pages : AHEAD, first = 0, last;

        if (pread(t->pagemap, entry, n * sizeof *entry,
                  (off_t)(*from / PAGE * sizeof *entry)) !=
            (ssize_t)(n * sizeof *entry))
            break;
        while (first < n && entry[first] >> 62 == 0)
            first++;
        for (last = first; last < n && entry[last] >> 62 != 0; last++)
            if ((last - first) * PAGE >= most)
                break;
        *to = *from + last * PAGE;
        *from += first * PAGE;
        if (first < last)
            return true;
    }
    // no pagemap to ask: try everything
    *to = end - *from < most ? end : *from + most;
    return *from < end;
}

bool
target_environment(const struct target *t, const char *setting)
{
    static char text[128 * 1024];
    int fd = open_proc(t->pid, "environ");
    size_t n = 0;
    ssize_t got;

    if (fd < 0)
        return false;
    while (n < sizeof text - 1 &&
           (got = read(fd, text + n, sizeof text - 1 - n)) > 0)
        n += (size_t)got;
    close(fd);
    text[n] = 0;
    for (size_t i = 0; i < n; i += strlen(text + i) + 1)
        if (strcmp(text + i, setting) == 0)
            return true;
    return false;
}

// ---------------------------------------------------------------------- names

// The function of this ELF file that address (of the target) lies in.
static bool
symbol(const struct target_file *f, uint64_t address, char *name, size_t size,
       uint32_t *offset)
{
    const Elf64_Ehdr *e = (const void *)f->bytes;
    const Elf64_Shdr *s = (const void *)(f->bytes + e->e_shoff);
    uint64_t bias = e->e_type == ET_DYN ? f->base : 0;

    if (e->e_shoff == 0 ||
        e->e_shoff + (uint64_t)e->e_shnum * sizeof *s > f->size)
        return false;
    for (int i = 0; i < e->e_shnum; i++) {
        const Elf64_Sym *sym = (const void *)(f->bytes + s[i].sh_offset);
        const Elf64_Shdr *strings = &s[s[i].sh_link];
        uint64_t n = s[i].sh_size / sizeof *sym;

        if ((s[i].sh_type != SHT_SYMTAB && s[i].sh_type != SHT_DYNSYM) ||
            s[i].sh_offset + s[i].sh_size > f->size ||
            s[i].sh_link >= e->e_shnum)
            continue;
        for (uint64_t k = 0; k < n; k++) {
            uint64_t start = sym[k].st_value + bias;

            if (ELF64_ST_TYPE(sym[k].st_info) != STT_FUNC ||
                sym[k].st_shndx == SHN_UNDEF || address < start ||
                address >= start + (sym[k].st_size ? sym[k].st_size : 1) ||
                strings->sh_offset + sym[k].st_name >= f->size)
                continue;
            snprintf(name, size, "%s",
                     f->bytes + strings->sh_offset + sym[k].st_name);
            *offset = (uint32_t)(address - start);
            return true;
        }
    }
    return false;
}

// Where guest code calls a function of box64's, it goes through a bridge: int3,
// 'S', 'C', wrapper, function, ret, 2 bytes, whether it has no name, the name.
static bool
bridge(const struct target *t, uint64_t address, char *name, size_t size)
{
    unsigned char b[31];
    uint64_t text;
    char called[48] = "";

    if (!target_read(t, address, b, sizeof b) || b[0] != 0xcc ||
        b[1] != 'S' || b[2] != 'C')
        return false;
    memcpy(&text, b + 23, sizeof text);
    if (b[22] == 0 && target_read(t, text, called, sizeof called - 1))
        for (size_t i = 0; called[i]; i++)
            if (!isprint((unsigned char)called[i]))
                called[i] = 0;
    snprintf(name, size, called[0] ? "bridge:%s" : "bridge%s", called);
    return true;
}

void
target_name(const struct target *t, uint64_t address, char *name, size_t size,
            uint32_t *offset)
{
    const struct target_map *m = target_map(t, address);

    name[0] = 0;
    *offset = 0;
    if (!m || bridge(t, address, name, size))
        return;
    for (size_t i = 0; i < t->nfiles; i++)
        if (t->file[i].guest && (m->path[0] == 0 ||
                                 strcmp(m->path, t->file[i].path) == 0) &&
            symbol(&t->file[i], address, name, size, offset))
            return;
}
