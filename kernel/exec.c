// SPDX-License-Identifier: MIT
// exec.c -- execve: a new address space from an ELF file, with the stack that
// a C library expects to find.  Called by syscall.c and, for init, by main.c.
#include "exec.h"
#include "file.h"
#include "fork.h"
#include "fs.h"
#include "random.h"
#include "signal.h"
#include "sysfile.h"
#include "x86.h"

#define ARGS_MAX (32 * PAGE_SIZE)   // strings and pointers together
#define STACK_FIRST (4 * PAGE_SIZE) // mapped besides what the arguments need
#define PHDRS_MAX 16
#define ET_EXEC 2
#define ET_DYN 3
#define EM_X86_64 62
#define PT_LOAD 1
#define PT_INTERP 3
#define PF_X 1
#define PF_W 2

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, phoff, shoff;
    uint32_t flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_phdr {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

// A program that has been loaded, and what its auxiliary vector needs.
struct program {
    struct vm *vm;
    uint64_t entry, phdrs, bias;
    uint16_t phnum;
    uint64_t end;               // of the highest segment: the heap's start
};

// The pointers and strings of argv or envp.
struct strings {
    uint64_t at;                // user address of the vector; 0: none
    uint64_t count, bytes;
};

// ---- the file -------------------------------------------------------------

// Map one page of a segment, [start, end) of which comes from the file.
static int
load_page(struct vm *vm, struct node *n, const struct elf_phdr *ph,
          uint64_t page, uint64_t bias)
{
    uint64_t flags = PTE_U | (ph->flags & PF_W ? PTE_W : 0)
                     | (ph->flags & PF_X ? 0 : PTE_NX);
    pte_t *pte = vm_pte(vm, page, true);
    if (pte == NULL)
        return -ENOMEM;
    if (*pte & PTE_P) {
        // Two segments share this page: it needs the rights of both.
        *pte = (*pte & (flags | ~PTE_NX)) | (flags & PTE_W);
    } else {
        frame_t f = frame_alloc_zero();
        if (f == 0)
            return -ENOMEM;
        if (vm_map(vm, page, f, flags) < 0) {
            frame_drop(f);
            return -ENOMEM;
        }
    }
    uint64_t first = ph->vaddr + bias;
    uint64_t start = page > first ? page : first;
    uint64_t end = min_u64(page + PAGE_SIZE, first + ph->filesz);
    if (start < end)
        node_read(n, ph->offset + (start - first),
                  (char *)frame_ptr(*pte & PTE_FRAME) + start % PAGE_SIZE,
                  end - start);
    return 0;
}

static int
load_segment(struct program *prog, struct node *n, const struct elf_phdr *ph)
{
    uint64_t first = ph->vaddr + prog->bias, end = first + ph->memsz;
    if (first < USER_LOW || end < first || end > MMAP_TOP
        || ph->filesz > ph->memsz || ph->offset + ph->filesz < ph->offset)
        return -ENOEXEC;
    if (ph->memsz / PAGE_SIZE > frames_free)
        return -ENOMEM;
    for (uint64_t page = ROUND_DOWN(first, PAGE_SIZE); page < end;
         page += PAGE_SIZE) {
        int error = load_page(prog->vm, n, ph, page, prog->bias);
        if (error < 0)
            return error;
    }
    if (end > prog->end)
        prog->end = end;
    return 0;
}

// Fill prog->vm from the file.  0 or -errno.
static int
load(struct program *prog, struct node *n)
{
    struct elf_header h;
    struct elf_phdr ph[PHDRS_MAX];
    if (node_read(n, 0, &h, sizeof(h)) < sizeof(h)
        || memcmp(h.ident, "\177ELF\2\1\1", 7) != 0
        || h.machine != EM_X86_64 || h.phentsize != sizeof(ph[0])
        || (h.type != ET_EXEC && h.type != ET_DYN)
        || h.phnum == 0 || h.phnum > PHDRS_MAX
        || node_read(n, h.phoff, ph, h.phnum * sizeof(ph[0]))
           < h.phnum * sizeof(ph[0]))
        return -ENOEXEC;
    prog->bias = h.type == ET_DYN ? PIE_BASE : 0;
    prog->entry = h.entry + prog->bias;
    prog->phnum = h.phnum;
    if (prog->entry >= USER_TOP)
        return -ENOEXEC;
    for (int i = 0; i < h.phnum; i++) {
        if (ph[i].type == PT_INTERP)
            return -ENOEXEC;        // dynamic: there is no one to link it
        if (ph[i].type != PT_LOAD)
            continue;
        int error = load_segment(prog, n, &ph[i]);
        if (error < 0)
            return error;
        if (ph[i].offset <= h.phoff && h.phoff < ph[i].offset + ph[i].filesz)
            prog->phdrs = ph[i].vaddr + prog->bias + h.phoff - ph[i].offset;
    }
    return 0;
}

// ---- the stack ------------------------------------------------------------

// The length of the string at va with its 0, or -EFAULT, -E2BIG.
static int64_t
string_size(uint64_t va)
{
    for (int64_t n = 0; n < ARGS_MAX; n++) {
        const char *c = vm_access(current->vm, va + (uint64_t)n, false);
        if (c == NULL)
            return -EFAULT;
        if (*c == '\0')
            return n + 1;
    }
    return -E2BIG;
}

static int
measure(struct strings *s)
{
    uint64_t pointer = 1;
    s->count = s->bytes = 0;
    while (s->at != 0) {
        if (copy_in(&pointer, s->at + s->count * 8, 8) < 0)
            return -EFAULT;
        if (pointer == 0)
            break;
        int64_t size = string_size(pointer);
        if (size < 0)
            return (int)size;
        s->count++;
        s->bytes += (uint64_t)size;
        if (s->bytes + s->count * 8 > ARGS_MAX)
            return -E2BIG;
    }
    return 0;
}

// Copy the strings to `to` and the pointers to them, with a 0 behind them, to
// `vector`, both in the new address space.
static void
put_strings(struct vm *vm, const struct strings *s, uint64_t to,
            uint64_t vector)
{
    uint64_t pointer, zero = 0;
    for (uint64_t i = 0; i < s->count; i++) {
        if (copy_in(&pointer, s->at + i * 8, 8) < 0)
            break;
        vm_write(vm, vector + i * 8, &to, 8);
        for (char c = 1; c != '\0'; to++, pointer++) {
            if (copy_in(&c, pointer, 1) < 0)
                c = '\0';
            vm_write(vm, to, &c, 1);
        }
    }
    vm_write(vm, vector + s->count * 8, &zero, 8);
}

// Lay out, from the top: the program's name, 16 random bytes, the strings,
// the auxiliary vector, envp, argv, argc.  The stack pointer, or -ENOMEM.
static int64_t
make_stack(const struct program *prog, const char *path,
           const struct strings *argv, const struct strings *envp)
{
    struct vm *vm = prog->vm;
    uint8_t seed[16];
    uint64_t execfn = STACK_TOP - 8 - (strlen(path) + 1);
    uint64_t random = ROUND_DOWN(execfn - sizeof(seed), 16);
    uint64_t env_strings = random - envp->bytes;
    uint64_t arg_strings = env_strings - argv->bytes;
    uint64_t aux[][2] = {
        { AT_PHDR, prog->phdrs }, { AT_PHENT, sizeof(struct elf_phdr) },
        { AT_PHNUM, prog->phnum }, { AT_PAGESZ, PAGE_SIZE }, { AT_BASE, 0 },
        { AT_FLAGS, 0 }, { AT_ENTRY, prog->entry }, { AT_UID, 0 },
        { AT_EUID, 0 }, { AT_GID, 0 }, { AT_EGID, 0 }, { AT_SECURE, 0 },
        { AT_CLKTCK, 100 }, { AT_RANDOM, random }, { AT_EXECFN, execfn },
        { AT_NULL, 0 },
    };
    uint64_t words = 1 + argv->count + 1 + envp->count + 1;
    uint64_t sp = ROUND_DOWN(arg_strings - sizeof(aux) - words * 8, 16);
    uint64_t argv_at = sp + 8, envp_at = argv_at + (argv->count + 1) * 8;

    uint64_t bottom = ROUND_DOWN(sp, PAGE_SIZE) - STACK_FIRST;
    if (vm_alloc(vm, bottom, STACK_TOP - bottom,
                 PTE_U | PTE_W | PTE_NX) < 0)
        return -ENOMEM;
    random_bytes(seed, sizeof(seed));
    vm_write(vm, execfn, path, strlen(path) + 1);
    vm_write(vm, random, seed, sizeof(seed));
    vm_write(vm, sp, &argv->count, 8);
    put_strings(vm, argv, arg_strings, argv_at);
    put_strings(vm, envp, env_strings, envp_at);
    vm_write(vm, envp_at + (envp->count + 1) * 8, aux, sizeof(aux));
    return (int64_t)sp;
}

// ---- execve ---------------------------------------------------------------

static void
close_on_exec(struct proc *p)
{
    for (int fd = 0; fd < NFD; fd++) {
        if (p->fd[fd] != NULL && (p->cloexec >> fd & 1)) {
            file_close(p->fd[fd]);
            p->fd[fd] = NULL;
        }
    }
    p->cloexec = 0;
}

// The SSE and x87 registers as the ABI wants them at a program's start.
static void
reset_fpu(struct proc *p)
{
    const uint16_t fcw = 0x37f;
    const uint32_t mxcsr = 0x1f80;
    memset(p->fpu, 0, sizeof(p->fpu));
    memcpy(p->fpu, &fcw, sizeof(fcw));
    memcpy(p->fpu + 24, &mxcsr, sizeof(mxcsr));
}

// From here on there is no way back.
static void
become(struct proc *p, const struct program *prog, struct node *n, uint64_t sp)
{
    struct vm *old = p->vm;
    p->vm = prog->vm;
    p->vm->brk_start = p->vm->brk = ROUND_UP(prog->end, PAGE_SIZE);
    node_drop(p->exe);
    p->exe = node_share(n);
    copy_string(p->name, n->name, sizeof(p->name));
    close_on_exec(p);
    signal_exec(p);
    p->executed = true;
    reset_fpu(p);
    p->fs_base = p->gs_base = 0;
    proc_load_user(p);
    vm_put(old);
    vfork_done(p);

    *p->tf = (struct trapframe){
        .rip = prog->entry, .rsp = sp, .rflags = FL_USER_START,
        .cs = SEL_UCODE, .ss = SEL_UDATA,
    };
}

int64_t
sys_execve(struct trapframe *tf, uint64_t path_at, uint64_t argv_at,
           uint64_t envp_at)
{
    struct strings argv = { .at = argv_at }, envp = { .at = envp_at };
    struct program prog = { 0 };
    struct node *n;
    const char *path;
    int64_t error = sys_path(path_at, &path);
    if (error < 0)
        return error;
    error = sys_find(AT_FDCWD, path, true, &n);
    if (error < 0)
        return error;
    if (!S_ISREG(n->mode) || !(n->mode & 0111))
        return -EACCES;
    if ((error = measure(&argv)) < 0 || (error = measure(&envp)) < 0)
        return error;
    if (argv.bytes + envp.bytes + (argv.count + envp.count) * 8 > ARGS_MAX)
        return -E2BIG;
    prog.vm = vm_create();
    if (prog.vm == NULL)
        return -ENOMEM;
    error = load(&prog, n);
    if (error == 0)
        error = make_stack(&prog, path, &argv, &envp);
    if (error < 0) {
        vm_put(prog.vm);
        return error;
    }
    become(current, &prog, n, (uint64_t)error);
    assert(tf == current->tf);
    return 0;
}
