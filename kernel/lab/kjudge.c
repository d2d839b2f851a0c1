// SPDX-License-Identifier: MIT
// kjudge.c -- judge a kernel from outside.  The machine's memory is a file;
// when the machine has gone off, the verdict of the program that ran in it is
// read there by symbol and page table, and every frame is accounted for: the
// kernel's counts against the entries that really refer to it.
//
// Nothing that the submission prints is believed; it is quoted.
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kjudge.h"
#include "lab-offsets.h"
#include "layout.h"
#include "verdict.h"

#define MEMORY_MB 16
#define MEMORY_TEXT "16"    // the same, for commands
#define MEMORY ((uint64_t)MEMORY_MB << 20)
#define FRAMES (MEMORY / PAGE_SIZE)
#define FRAME_BITS 0x000ffffffffff000ULL
#define BIG 0x80
#define LIMIT_MS 20000      // of virtual time
enum { EXIT_CODE_OK = 33, EXIT_CODE_FAILED = 35, EXIT_CODE_PANIC = 37,
       EXIT_CODE_LIMIT = 39 };

struct elf {
    uint8_t *data;
    size_t size;
    const Elf64_Sym *syms;
    size_t count;
    const char *names;
};

struct machine {
    struct judge *j;
    const uint8_t *ram;
    struct elf kernel, guest;
    uint32_t found[FRAMES];     // references that we have seen
};

// ------------------------------------------------------------- symbols

static void *
map_file(struct judge *j, const char *path, size_t *size)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        judge_fail(j, JUDGE_BROKEN, "a file", "cannot open %s", path);
    void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (at == MAP_FAILED)
        judge_fail(j, JUDGE_BROKEN, "a file", "cannot map %s", path);
    *size = (size_t)st.st_size;
    return at;
}

// The kernel's file is the submission's: believe no offset in it.
static bool
inside(const struct elf *e, uint64_t off, uint64_t size)
{
    return off <= e->size && size <= e->size - off;
}

static void
open_elf(struct judge *j, struct elf *e, const char *path)
{
    e->data = map_file(j, path, &e->size);
    const Elf64_Ehdr *h = (const void *)e->data;
    if (!inside(e, 0, sizeof(*h))
        || !inside(e, h->e_shoff, h->e_shnum * sizeof(Elf64_Shdr)))
        judge_fail(j, JUDGE_WRONG, "an ELF file", "%s is none", path);
    const Elf64_Shdr *s = (const void *)(e->data + h->e_shoff);
    for (int i = 0; i < h->e_shnum; i++) {
        if (s[i].sh_type != SHT_SYMTAB || s[i].sh_link >= h->e_shnum)
            continue;
        const Elf64_Shdr *str = &s[s[i].sh_link];
        if (!inside(e, s[i].sh_offset, s[i].sh_size) || str->sh_size == 0
            || !inside(e, str->sh_offset, str->sh_size)
            || e->data[str->sh_offset + str->sh_size - 1] != '\0')
            continue;
        e->syms = (const void *)(e->data + s[i].sh_offset);
        e->count = s[i].sh_size / sizeof(Elf64_Sym);
        e->names = (const char *)e->data + str->sh_offset;
        for (size_t k = 0; k < e->count; k++)
            if (e->syms[k].st_name >= str->sh_size)
                e->count = k;
    }
}

static uint64_t
symbol(struct machine *m, const struct elf *e, const char *name,
       uint64_t *size)
{
    for (size_t i = 0; i < e->count; i++) {
        if (strcmp(e->names + e->syms[i].st_name, name) != 0)
            continue;
        if (size != NULL)
            *size = e->syms[i].st_size;
        return e->syms[i].st_value;
    }
    judge_fail(m->j, JUDGE_WRONG, "a kernel with all its parts",
               "it has no `%s`", name);
}

// -------------------------------------------------------------- memory

static const void *
at(struct machine *m, uint64_t pa, size_t size)
{
    if (pa > MEMORY || size > MEMORY - pa)
        judge_fail(m->j, JUDGE_WRONG, "addresses that the machine has",
                   "the kernel's tables point to physical address %#llx",
                   (unsigned long long)pa);
    return m->ram + pa;
}

static uint64_t
word(struct machine *m, uint64_t pa)
{
    uint64_t v;
    memcpy(&v, at(m, pa, 8), 8);
    return v;
}

static uint32_t
half(struct machine *m, uint64_t pa)
{
    uint32_t v;
    memcpy(&v, at(m, pa, 4), 4);
    return v;
}

// Where a variable of the kernel lies.
static uint64_t
kernel_at(struct machine *m, const char *name)
{
    return symbol(m, &m->kernel, name, NULL) - KERNEL_BASE;
}

// The entry for va, followed down from a root; 0 if it is not mapped.
static uint64_t
entry_of(struct machine *m, uint64_t root, uint64_t va)
{
    uint64_t e = root;
    for (int level = 3; level >= 0; level--) {
        e = word(m, (e & FRAME_BITS) + (va >> (12 + 9 * level) & 511) * 8);
        if (!(e & 1))
            return 0;
    }
    return e;
}

// ------------------------------------------------------ every frame's count

static void
refer(struct machine *m, uint64_t pa)
{
    at(m, pa, PAGE_SIZE);
    m->found[pa / PAGE_SIZE]++;
}

// A table on `level`, its slots [first, last], and all below it.  Leaves that
// are not frames of the allocator (the image) are not counted.
static void
count_table(struct machine *m, uint64_t pa, int level, int first, int last,
            bool leaves)
{
    refer(m, pa);
    for (int i = first; i <= last; i++) {
        uint64_t e = word(m, pa + (uint64_t)i * 8);
        if (!(e & 1) || (level == 1 && (e & BIG)))
            continue;
        if (level > 0)
            count_table(m, e & FRAME_BITS, level - 1, 0, 511, leaves);
        else if (leaves)
            refer(m, e & FRAME_BITS);
    }
}

static void
count_spaces(struct machine *m)
{
    uint64_t size, spaces = symbol(m, &m->kernel, "spaces", &size);
    uint64_t procs = kernel_at(m, "procs");
    for (uint64_t i = 0; i < size / VM_SIZE; i++) {
        uint64_t vm = spaces + i * VM_SIZE;
        uint32_t users = half(m, vm - KERNEL_BASE + VM_USERS), owners = 0;
        for (uint64_t k = 0; k < PROC_COUNT; k++) {
            uint64_t p = procs + k * PROC_SIZE;
            owners += half(m, p + PROC_STATE) != PROC_UNUSED
                      && word(m, p + PROC_VM) == vm;
        }
        judge_int(m->j, "users of an address space, as the kernel counts "
                  "them at the end", owners, users);
        if (users > 0)
            count_table(m, word(m, vm - KERNEL_BASE + VM_PML4), 3, 0, 255,
                        true);
    }
}

static void
count_kernel(struct machine *m)
{
    uint64_t root = word(m, kernel_at(m, "kernel_pml4"));
    const int stacks = KSTACK_BASE >> 39 & 511;
    const int direct = DIRECT_BASE >> 39 & 511;
    refer(m, root);
    for (int i = 256; i < 512; i++) {
        uint64_t e = word(m, root + (uint64_t)i * 8);
        if (!(e & 1))
            continue;
        if (i == direct)
            refer(m, e & FRAME_BITS);   // its directory is in the image
        else
            count_table(m, e & FRAME_BITS, 2, 0, 511, i == stacks);
    }
    uint64_t nodes = kernel_at(m, "nodes"), pipes = kernel_at(m, "pipes");
    for (uint64_t i = 0; i < NODE_COUNT; i++) {
        uint64_t n = nodes + i * NODE_SIZE, index = word(m, n + NODE_INDEX);
        if (half(m, n + NODE_REFS) == 0 || index == 0)
            continue;
        refer(m, index);
        for (int k = 0; k < 512; k++)
            if (word(m, index + (uint64_t)k * 8) != 0)
                refer(m, word(m, index + (uint64_t)k * 8));
    }
    for (uint64_t i = 0; i < PIPE_COUNT; i++) {
        uint64_t p = pipes + i * PIPE_SIZE_OF;
        if (*(const uint8_t *)at(m, p + PIPE_USED, 1))
            refer(m, word(m, p + PIPE_FRAME));
    }
}

static void
account(struct machine *m)
{
    uint64_t refs = kernel_at(m, "refs"), used = 0, first = 0;
    unsigned lost = 0;
    count_kernel(m);
    count_spaces(m);
    for (uint64_t f = 0; f < FRAMES; f++) {
        uint16_t counted;
        memcpy(&counted, at(m, refs + f * 2, 2), 2);
        used += counted > 0;
        if (counted > 0 && m->found[f] == 0 && lost++ == 0)
            first = f * PAGE_SIZE;
        if (m->found[f] > 0 && m->found[f] != counted)
            judge_fail(m->j, JUDGE_WRONG,
                       "a count as large as the references that there are",
                       "frame %#llx: the kernel counts %u, there are %u",
                       (unsigned long long)f * PAGE_SIZE, counted,
                       m->found[f]);
    }
    if (lost > 0)
        judge_fail(m->j, JUDGE_WRONG, "no frame that is counted as used, "
                   "although nothing refers to it",
                   "%u are lost, the first of them frame %#llx", lost,
                   (unsigned long long)first);
    uint64_t total = word(m, kernel_at(m, "frames_total"));
    judge_int(m->j, "frames_free at the end, by the counts",
              (int64_t)(total - used),
              (int64_t)word(m, kernel_at(m, "frames_free")));
}

// ------------------------------------------------- who may write where

// The root of process `slot`'s page tables; 0 if it has none.
static uint64_t
root_of(struct machine *m, uint64_t slot)
{
    uint64_t vm = word(m, slot + PROC_VM);
    if (half(m, slot + PROC_STATE) == PROC_UNUSED || vm == 0)
        return 0;
    return word(m, vm - KERNEL_BASE + VM_PML4);
}

// No entry below table `pa` on `level`, which begins at va, may be both.
static void
never_both(struct machine *m, uint64_t pa, int level, uint64_t va, int pid)
{
    for (int i = 0; i < (level == 3 ? 256 : 512); i++) {
        uint64_t e = word(m, pa + (uint64_t)i * 8);
        uint64_t here = va + ((uint64_t)i << (12 + 9 * level));
        if (!(e & 1))
            continue;
        if (level > 0)
            never_both(m, e & FRAME_BITS, level - 1, here, pid);
        else if ((e & PTE_W) && (e & PTE_COW))
            judge_fail(m->j, JUDGE_WRONG, "no entry that is PTE_COW (may be "
                       "written, after a copy) and PTE_W (may be written now)",
                       "process %d, page %#llx is both", pid,
                       (unsigned long long)here);
    }
}

static void
check_rights(struct machine *m)
{
    uint64_t procs = kernel_at(m, "procs"), root;
    for (uint64_t slot = procs; slot < procs + PROC_COUNT * PROC_SIZE;
         slot += PROC_SIZE)
        if ((root = root_of(m, slot)) != 0)
            never_both(m, root, 3, 0, (int)half(m, slot + PROC_PID));
    // The verdict is the last that init has written; it must have been allowed.
    uint64_t init = word(m, kernel_at(m, "init_proc")) - KERNEL_BASE;
    uint64_t va = symbol(m, &m->guest, "verdict", NULL) & FRAME_BITS;
    if (!(entry_of(m, root_of(m, init), va) & PTE_W))
        judge_fail(m->j, JUDGE_WRONG, "PTE_W in the entry of a page to which "
                   "process 1 has just written", "page %#llx has no PTE_W: "
                   "the processor went by its TLB, which still held the right "
                   "from before the last fork", (unsigned long long)va);
}

// --------------------------------------- references to open files and nodes

// A table of the kernel's, and the references to each entry that we have seen.
struct table {
    const char *name;
    uint64_t first, size;
    uint32_t count, found[NODE_COUNT];
};
_Static_assert((int)FILE_COUNT <= (int)NODE_COUNT, "room for both");

static void
hold(struct machine *m, struct table *t, uint64_t pointer)
{
    uint64_t off = pointer - t->first;
    if (pointer == 0)
        return;
    if (pointer < t->first || off >= t->count * t->size || off % t->size != 0)
        judge_fail(m->j, JUDGE_WRONG, "pointers that lead to what they are "
                   "said to lead to", "one that should be of `%s` is %#llx",
                   t->name, (unsigned long long)pointer);
    t->found[off / t->size]++;
}

// The node's name, as far as it can be shown.
static const char *
node_name(struct machine *m, uint64_t node)
{
    static char name[33];
    memcpy(name, at(m, node + NODE_NAME_AT, 32), 32);
    for (char *s = name; *s != '\0'; s++)
        if (*s < ' ' || *s > '~')
            *s = '?';
    return *name == '\0' ? "/" : name;
}

static void
compare_references(struct machine *m, const struct table *t, uint32_t i,
                   uint32_t counted, const char *of, const char *name)
{
    if (t->found[i] != counted)
        judge_fail(m->j, JUDGE_WRONG, "one reference for each descriptor, "
                   "cwd and exe of those who are alive at the end", "%s%s: the "
                   "kernel counts %u, there are %u (%s)", of, name, counted,
                   t->found[i], counted > t->found[i] ? "an end, or a fork "
                   "that failed, has not given back what a fork took" : "a "
                   "fork took what it did not count, or it was given back "
                   "twice");
}

// One who has ended has given back all he had, whatever his slot still says.
static bool
is_alive(struct machine *m, uint64_t slot)
{
    uint32_t state = half(m, slot + PROC_STATE);
    return state != PROC_UNUSED && state != PROC_ZOMBIE && state != PROC_DEAD;
}

static void
account_references(struct machine *m)
{
    static struct table files, nodes;
    uint64_t procs = kernel_at(m, "procs");
    files = (struct table){ "files", symbol(m, &m->kernel, "files", NULL),
                            FILE_SIZE, FILE_COUNT, { 0 } };
    nodes = (struct table){ "nodes", symbol(m, &m->kernel, "nodes", NULL),
                            NODE_SIZE, NODE_COUNT, { 0 } };
    for (uint64_t i = 0; i < PROC_COUNT; i++) {
        uint64_t slot = procs + i * PROC_SIZE;
        if (!is_alive(m, slot))
            continue;
        for (uint64_t fd = 0; fd < PROC_FDS; fd++)
            hold(m, &files, word(m, slot + PROC_FD + fd * 8));
        hold(m, &nodes, word(m, slot + PROC_CWD));
        hold(m, &nodes, word(m, slot + PROC_EXE));
    }
    for (uint32_t i = 0; i < FILE_COUNT; i++) {
        uint64_t f = files.first - KERNEL_BASE + i * FILE_SIZE;
        uint64_t node = word(m, f + FILE_NODE);
        uint32_t refs = half(m, f + FILE_REFS);
        bool pipe = node < nodes.first;
        compare_references(m, &files, i, refs, pipe ? "an open pipe"
                           : "an open file, ", pipe ? ""
                           : node_name(m, node - KERNEL_BASE));
        if (refs > 0)
            hold(m, &nodes, node);
    }
    // The tree holds one of each that is in it, and a child one of its parent.
    for (uint32_t i = 0; i < NODE_COUNT; i++) {
        uint64_t n = nodes.first - KERNEL_BASE + i * NODE_SIZE;
        if (half(m, n + NODE_REFS) == 0)
            continue;
        nodes.found[i] += *(const uint8_t *)at(m, n + NODE_IN_TREE, 1) != 0;
        hold(m, &nodes, word(m, n + NODE_PARENT));
    }
    for (uint32_t i = 0; i < NODE_COUNT; i++) {
        uint64_t n = nodes.first - KERNEL_BASE + i * NODE_SIZE;
        compare_references(m, &nodes, i, half(m, n + NODE_REFS),
                           "the file or directory ", node_name(m, n));
    }
}

// ----------------------------------------------------- what is told, and how

// A number as a program got it; the labs' programs give -1000 - s for a child
// that signal s ended.
static const char *
told(char text[64], int64_t v)
{
    const char *error = v < 0 && v > -134 ? strerrorname_np((int)-v) : NULL;
    const char *sig = v < -1000 && v > -1065 ? sigabbrev_np((int)-v - 1000)
                                             : NULL;
    snprintf(text, 64, "%lld%s%s%s%s", (long long)v,
             error != NULL ? " (as an error: " : "",
             error != NULL ? error : "",
             sig != NULL ? " (a child killed by SIG" : "",
             sig != NULL ? sig : "");
    if (error != NULL || sig != NULL)
        strcat(text, ")");
    return text;
}

static void
compare(struct judge *j, const struct verdict *v)
{
    char low[64], high[64], got[64], want[400];
    if (v->want <= v->got && v->got <= v->high)
        return;
    snprintf(want, sizeof(want), "%s: %s%s%s", v->what, told(low, v->want),
             v->want == v->high ? "" : " to ",
             v->want == v->high ? "" : told(high, v->high));
    judge_fail(j, JUDGE_WRONG, want, "%s", told(got, v->got));
}

// Does the kernel's pointer `p` lead to a process?  Then its slot's address.
static uint64_t
proc_at(struct machine *m, uint64_t p)
{
    uint64_t first = symbol(m, &m->kernel, "procs", NULL);
    bool one = p >= first && p - first < PROC_COUNT * PROC_SIZE
               && (p - first) % PROC_SIZE == 0;
    return one ? p - KERNEL_BASE : 0;
}

static const char *
waits_for(struct machine *m, uint64_t slot)
{
    uint64_t channel = word(m, slot + PROC_CHANNEL);
    uint64_t first = symbol(m, &m->kernel, "procs", NULL);
    uint64_t pipes = symbol(m, &m->kernel, "pipes", NULL);
    if (channel == slot + KERNEL_BASE)
        return "asleep on its own struct proc, as in wait4()";
    if (channel > slot + KERNEL_BASE
        && channel - slot - KERNEL_BASE < PROC_SIZE)
        return "asleep until a time or a signal";
    if (channel >= pipes && channel - pipes < PIPE_COUNT * PIPE_SIZE_OF)
        return "asleep at a pipe";
    if (channel >= first && channel - first < PROC_COUNT * PROC_SIZE)
        return "asleep on another's struct proc, as after vfork()";
    return "asleep";
}

// Who is there, and doing what?  For a run that did not end.
static char *
who(struct machine *m)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    if (f == NULL)
        abort();
    int shown = 0, more = 0;
    for (uint64_t i = 0; i < PROC_COUNT; i++) {
        uint64_t slot = kernel_at(m, "procs") + i * PROC_SIZE;
        uint64_t parent = proc_at(m, word(m, slot + PROC_PARENT));
        uint32_t state = half(m, slot + PROC_STATE);
        if (state == PROC_UNUSED || shown == 8) {
            more += state != PROC_UNUSED;
            continue;
        }
        fprintf(f, "%sprocess %d", shown++ > 0 ? "\n" : "",
                (int)half(m, slot + PROC_PID));
        if (parent != 0)
            fprintf(f, ", child of %d", (int)half(m, parent + PROC_PID));
        fprintf(f, ": %s", state == PROC_EMBRYO ? "an EMBRYO"
                : state == PROC_READY ? "READY"
                : state == PROC_RUNNING ? "RUNNING"
                : state == PROC_SLEEPING ? waits_for(m, slot)
                : state == PROC_STOPPED ? "STOPPED"
                : state == PROC_ZOMBIE ? "a ZOMBIE"
                : state == PROC_DEAD ? "DEAD" : "in no state that there is");
    }
    if (more > 0)
        fprintf(f, "\nand %d more", more);
    fclose(f);
    return text;
}

// The line that says why the kernel gave up; all of them are quoted anyway.
static char *
panic_line(const char *console)
{
    const char *p = strstr(console, "kernel: panic: ");
    p = p != NULL ? p + strlen("kernel: panic: ") : console;
    return strndup(p, strcspn(p, "\r\n"));
}

// ------------------------------------------------------------- one run

static void
read_verdict(struct machine *m, uint64_t challenge)
{
    struct verdict v;
    uint64_t p = word(m, kernel_at(m, "init_proc"));
    uint64_t vm = word(m, p - KERNEL_BASE + PROC_VM);
    uint64_t root = word(m, vm - KERNEL_BASE + VM_PML4);
    uint64_t va = symbol(m, &m->guest, "verdict", NULL);
    for (size_t i = 0; i < sizeof(v); i++) {
        uint64_t page = entry_of(m, root, va + i) & FRAME_BITS;
        if (page == 0)
            judge_fail(m->j, JUDGE_WRONG, "init's memory as it was",
                       "address %#llx is not mapped any more",
                       (unsigned long long)(va + i));
        ((char *)&v)[i] = *(const char *)at(m, page + (va + i) % PAGE_SIZE, 1);
    }
    v.what[sizeof(v.what) - 1] = '\0';
    if (v.magic == VERDICT_MAGIC && v.failed)
        compare(m->j, &v);
    if (v.magic != VERDICT_MAGIC || !v.done
        || v.token != verdict_token(challenge, v.checks))
        judge_fail(m->j, JUDGE_SILENT, "the test's end",
                   "the machine went off before it: process 1, which is the "
                   "test's program, died or went astray");
}

// The last lines of the console, for the report.
static const char *
tail(const char *text)
{
    const char *s = text + strlen(text);
    for (int lines = 0; s > text; s--)
        if (s[-1] == '\n' && ++lines > 8)
            break;
    return s;
}

// Boot `kernel` with `archive`, paths inside the cell; m->ram is its memory
// when it has gone off.  Returns QEMU's exit status; the console's end in *text.
static int
boot(struct machine *m, char *kernel, char *archive, char *append,
     const char *const *binds, const char **text)
{
    struct judge *j = m->j;
    const char *scratch = judge_scratch(j);
    char *ram = NULL;
    chmod(scratch, 0777);       // a cell has a user of its own
    if (asprintf(&ram, "%s/ram", scratch) < 0)
        abort();
    judge_input(j, "kernel options: %s", append);
    const char *binds_rw[] = { scratch, "/ram", NULL };
    static char memory[] = "memory-backend-file,id=ram,share=on,size="
                           MEMORY_TEXT "M,mem-path=/ram/ram";
    _Static_assert(MEMORY_MB == 16, "the same in both");
    char *argv[] = {
        "/usr/bin/qemu-system-x86_64", "-kernel", kernel, "-initrd", archive,
        "-append", append, "-object", memory, "-machine",
        "pc,memory-backend=ram", "-m", MEMORY_TEXT "M", "-icount",
        "shift=5,sleep=off",
        "-nodefaults", "-display", "none", "-serial", "stdio", "-device",
        "isa-debug-exit,iobase=0xf4,iosize=4", "-no-reboot", NULL,
    };
    struct cell *c = judge_start(j, &(struct cell_spec){
        .argv = argv, .binds = binds, .binds_rw = binds_rw, .trusted = true });
    const struct cell_end *end = judge_finish(c);
    const char *console = tail(judge_output(c));
    int code = end->run.end == SV_EXITED ? end->run.code : -1;
    if (code == EXIT_CODE_PANIC)
        judge_fail(j, JUDGE_CRASH, "no panic", "%s", panic_line(console));
    if (code == 0)
        judge_fail(j, JUDGE_CRASH, "no triple fault",
                   "the machine reset itself: %s", console);
    if (code != EXIT_CODE_OK && code != EXIT_CODE_FAILED
        && code != EXIT_CODE_LIMIT)
        judge_fail(j, end->kind == JUDGE_PASS ? JUDGE_CRASH : end->kind,
                   "init's end", "%s%s; console: %s", end->text,
                   end->kind == JUDGE_TIMEOUT ? " of real time: the kernel "
                   "hangs (see `debug` below; then continue, ^C, bt)" : "",
                   console);
    size_t size;
    m->ram = map_file(j, ram, &size);
    if (size != MEMORY)
        judge_fail(j, JUDGE_BROKEN, "the machine's memory", "%zu bytes", size);
    free(ram);
    *text = console;
    return code;
}

// The same machine for gdb: make gdb-N has built KERNEL, with the paths that
// the student sees, and names the function where gdb stops, KERNEL_STOP.
static void
under_gdb(struct judge *j, char *append)
{
    char *stop;
    if (asprintf(&stop, "hbreak %s", getenv("KERNEL_STOP")) < 0)
        abort();
    setenv("ARCHIVE", judge_own(j, "guest.cpio"), 1);
    setenv("MEMORY", MEMORY_TEXT, 1);
    printf("Kernel options: %s\nType continue: gdb stops in %s().\n", append,
           getenv("KERNEL_STOP"));
    judge_become(j, (char *[]){ "kernel/gdb/run.sh", append, "-ex", stop, NULL });
}

// The test, and the account of its frames; what is left is *m.
static void
test_in(struct machine *m, struct judge *j, const char *name,
        const char *options, int limit_ms)
{
    memset(m, 0, sizeof(*m));
    m->j = j;
    open_elf(j, &m->kernel, judge_built(j, "kernel.elf"));
    open_elf(j, &m->guest, judge_own(j, "guest"));
    uint64_t challenge = judge_random(j);
    const char *binds[] = { judge_own(j, "guest.cpio"), "/guest.cpio", NULL };
    const char *console;
    char *append;
    if (asprintf(&append, "probe=on limit=%d %s -- %s %016llx", limit_ms,
                 options, name, (unsigned long long)challenge) < 0)
        abort();
    if (judge_under_gdb(j))
        under_gdb(j, append);
    if (boot(m, "/built/kernel.elf", "/guest.cpio", append, binds, &console)
        == EXIT_CODE_LIMIT)
        judge_fail(j, JUDGE_TIMEOUT, "the test's end",
                   "not reached after %d ms of virtual time:\n%s", limit_ms,
                   who(m));
    free(append);
    read_verdict(m, challenge);
    account(m);
}

static struct machine machine;

void
kernel_test_within(struct judge *j, const char *name, const char *options,
                   int limit_ms)
{
    test_in(&machine, j, name, options, limit_ms);
}

void
kernel_test(struct judge *j, const char *name, const char *options)
{
    kernel_test_within(j, name, options, LIMIT_MS);
}

void
kernel_test_references(struct judge *j, const char *name, const char *options)
{
    test_in(&machine, j, name, options, LIMIT_MS);
    account_references(&machine);
}

void
kernel_test_rights(struct judge *j, const char *name, const char *options)
{
    test_in(&machine, j, name, options, LIMIT_MS);
    check_rights(&machine);
}

// -------------------------------------------------- the trace of a trusted run

size_t
kernel_trace(struct judge *j, const char *kernel, const char *archive,
             const char *options, struct kernel_event *to, size_t max)
{
    static struct machine m;
    memset(&m, 0, sizeof(m));
    m.j = j;
    open_elf(j, &m.kernel, judge_own(j, kernel));
    const char *binds[] = { judge_own(j, kernel), "/kernel.elf",
                            judge_own(j, archive), "/archive.cpio", NULL };
    const char *console;
    char *append = strdup(options);
    boot(&m, "/kernel.elf", "/archive.cpio", append, binds, &console);
    free(append);
    uint64_t ring = kernel_at(&m, "trace_ring");
    uint64_t count = word(&m, kernel_at(&m, "trace_count"));
    uint64_t n = count > EVENT_COUNT ? count - EVENT_COUNT : 0;
    size_t got = 0;
    for (; n < count && got < max; n++, got++) {
        uint64_t e = ring + n % EVENT_COUNT * EVENT_SIZE;
        to[got] = (struct kernel_event){
            .tsc = word(&m, e + EVENT_TSC), .rip = word(&m, e + EVENT_RIP),
            .pid = half(&m, e + EVENT_PID), .kind = half(&m, e + EVENT_KIND),
            .arg = word(&m, e + EVENT_ARG),
        };
    }
    return got;
}

// --------------------------------------------------------- another machine

void
kernel_test_bochs(struct judge *j, const char *name, const char *options)
{
    uint64_t challenge = judge_random(j);
    char *append;
    if (asprintf(&append, "probe=on limit=%d %s -- %s %016llx print", LIMIT_MS,
                 options, name, (unsigned long long)challenge) < 0)
        abort();
    if (judge_under_gdb(j))
        under_gdb(j, append);   // in QEMU: Bochs has no port for gdb
    judge_input(j, "Bochs; kernel options: %s", append);
    const char *scratch = judge_scratch(j);
    chmod(scratch, 0777);
    const char *binds[] = { judge_own(j, "guest.cpio"), "/guest.cpio",
                            judge_own(j, "bochs.sh"), "/bochs.sh",
                            judge_own(j, "boot-iso"), "/boot-iso", NULL };
    const char *binds_rw[] = { scratch, "/run-bochs", NULL };
    char *argv[] = { "/bin/sh", "/bochs.sh", append, NULL };
    struct cell *c = judge_start(j, &(struct cell_spec){
        .argv = argv, .binds = binds, .binds_rw = binds_rw, .trusted = true });
    const struct cell_end *end = judge_finish(c);
    const char *text = judge_output(c);
    struct verdict v = { .magic = 0 };
    unsigned long long token = 0;
    long long checks = 0, failed = 0, want = 0, high = 0, got = 0;
    const char *line = strstr(text, "\nverdict ");
    if (line == NULL
        || sscanf(line, "\nverdict %llx %lld %lld %lld %lld %lld %159[^\r\n]",
                  &token, &checks, &failed, &want, &high, &got, v.what) < 6)
        judge_fail(j, end->kind == JUDGE_TIMEOUT ? JUDGE_TIMEOUT : JUDGE_SILENT,
                   "the test's end", "%s; console: %s", end->text, tail(text));
    if (failed) {
        v.want = want;
        v.high = high;
        v.got = got;
        compare(j, &v);
    }
    if (token != verdict_token(challenge, (uint32_t)checks))
        judge_fail(j, JUDGE_SILENT, "the test's end", "a verdict of somebody "
                   "else's: %s", tail(text));
    free(append);
}
