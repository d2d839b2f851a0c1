// SPDX-License-Identifier: MIT
// trap.c -- the descriptor tables, and what happens on each vector: system
// calls, interrupts, and exceptions with a report of what, where, in whom.
// Called by entry.S.  Book: chapter 2.
#include "clock.h"
#include "console.h"
#include "fork.h"
#include "ksyms.h"
#include "proc.h"
#include "signal.h"
#include "syscall.h"
#include "trace.h"
#include "x86.h"

#define VEC_DF 8
#define VEC_PF 14
#define PF_PRESENT 1
#define PF_WRITE 2
#define PF_FETCH 16
#define GATE_INTERRUPT 0x8e00UL
#define GATE_USER 0x6000UL
#define IST_EMERGENCY 1UL

struct tss {
    uint32_t reserved0;
    uint64_t rsp[3];
    uint64_t reserved1;
    uint64_t ist[7];
    uint64_t reserved2;
    uint16_t reserved3, io_map;
} __attribute__((packed));
_Static_assert(sizeof(struct tss) == 104, "the processor's layout");
_Static_assert(sizeof(struct trapframe) % 16 == 0,
               "the frame keeps the stack aligned");

struct gate {
    uint64_t lo, hi;
};

struct table_pointer {
    uint16_t limit;
    uint64_t base;
} __attribute__((packed));

static struct tss tss;
static struct gate idt[256];
static uint64_t gdt[] = {
    [SEL_KCODE / 8] = 0x00af9a000000ffff,
    [SEL_KDATA / 8] = 0x00cf92000000ffff,
    [SEL_UDATA / 8] = 0x00cff2000000ffff,
    [SEL_UCODE / 8] = 0x00affa000000ffff,
    [SEL_TSS / 8] = 0, 0,
};
static uint8_t emergency_stack[PAGE_SIZE] __attribute__((aligned(16)));

extern const uint64_t vectors[256];     // entry.S
void syscall_entry(void);

static const struct {
    const char *name;
    int signal;
} exceptions[32] = {
    [0] = { "divide error", SIGFPE },
    [1] = { "debug exception", SIGTRAP },
    [2] = { "non-maskable interrupt", SIGSEGV },
    [3] = { "breakpoint", SIGTRAP },
    [4] = { "overflow", SIGSEGV },
    [5] = { "bound range exceeded", SIGSEGV },
    [6] = { "invalid opcode", SIGILL },
    [7] = { "device not available", SIGSEGV },
    [8] = { "double fault", SIGSEGV },
    [10] = { "invalid TSS", SIGSEGV },
    [11] = { "segment not present", SIGBUS },
    [12] = { "stack fault", SIGBUS },
    [13] = { "general protection fault", SIGSEGV },
    [14] = { "page fault", SIGSEGV },
    [16] = { "x87 error", SIGFPE },
    [17] = { "alignment check", SIGBUS },
    [18] = { "machine check", SIGBUS },
    [19] = { "SIMD error", SIGFPE },
};

static void
set_gate(int vector, uint64_t flags)
{
    uint64_t to = vectors[vector];
    idt[vector].lo = (to & 0xffff) | (uint64_t)SEL_KCODE << 16
                     | flags << 32 | (to >> 16 & 0xffff) << 48;
    idt[vector].hi = to >> 32;
}

void
trap_init(void)
{
    uint64_t base = (uint64_t)&tss;
    gdt[SEL_TSS / 8] = (sizeof(tss) - 1) | (base & 0xffffff) << 16
                       | 0x89UL << 40 | (base >> 24 & 0xff) << 56;
    gdt[SEL_TSS / 8 + 1] = base >> 32;
    tss.io_map = sizeof(tss);
    tss.ist[IST_EMERGENCY - 1] =
        (uint64_t)emergency_stack + sizeof(emergency_stack);

    for (int i = 0; i < 256; i++)
        set_gate(i, GATE_INTERRUPT);
    set_gate(2, GATE_INTERRUPT | IST_EMERGENCY);
    set_gate(VEC_DF, GATE_INTERRUPT | IST_EMERGENCY);
    set_gate(18, GATE_INTERRUPT | IST_EMERGENCY);
    set_gate(3, GATE_INTERRUPT | GATE_USER);
    set_gate(4, GATE_INTERRUPT | GATE_USER);
    set_gate(VEC_SYSCALL, GATE_INTERRUPT | GATE_USER);

    struct table_pointer g = { sizeof(gdt) - 1, (uint64_t)gdt };
    struct table_pointer i = { sizeof(idt) - 1, (uint64_t)idt };
    __asm__ volatile("lgdt %0; lidt %1; ltr %w2"
                     : : "m"(g), "m"(i), "r"(SEL_TSS));

    wrmsr(MSR_STAR, (uint64_t)SEL_KCODE << 32);
    wrmsr(MSR_LSTAR, (uint64_t)syscall_entry);
    wrmsr(MSR_SFMASK, FL_TF | FL_IF | FL_DF | FL_IOPL | FL_NT | FL_RF | FL_AC);
}

void
trap_set_stack(uint64_t top)
{
    tss.rsp[0] = top;
}

static const char *
exception_name(uint64_t vector)
{
    const char *name = vector < 32 ? exceptions[vector].name : NULL;
    return name != NULL ? name : "unexpected vector";
}

// What a page fault was about, as text.
static const char *
access_name(uint64_t error)
{
    return error & PF_FETCH ? "executing" : error & PF_WRITE ? "writing"
                                                             : "reading";
}

static void
describe(const struct trapframe *tf)
{
    kprintf("%s", exception_name(tf->vector));
    if (tf->vector == VEC_PF)
        kprintf(" %s %p (%s)", access_name(tf->error), (void *)read_cr2(),
                tf->error & PF_PRESENT ? "no right to" : "not mapped");
    else
        kprintf(" (vector %lu, error %lu)", tf->vector, tf->error);
    kprintf(" at rip %p, rsp %p", (void *)tf->rip, (void *)tf->rsp);
}

// An exception in the kernel itself.
static _Noreturn void
kernel_fault(const struct trapframe *tf)
{
    uint64_t offset = 0;
    const char *name = ksym_name(tf->rip, &offset);
    int overflowed = kstack_guard(read_cr2());
    kprintf("\nkernel: ");
    describe(tf);
    kprintf("\n");
    if (tf->vector == VEC_DF && overflowed >= 0)
        panic_at(tf->rbp, "kernel stack %d overflowed in %s+%p", overflowed,
                 name, (void *)offset);
    panic_at(tf->rbp, "%s in %s+%p", exception_name(tf->vector), name,
             (void *)offset);
}

// An exception in a program: a signal, unless the page can be had.
static void
user_fault(struct trapframe *tf)
{
    int signal = tf->vector < 32 ? exceptions[tf->vector].signal : 0;
    if (tf->vector == VEC_PF) {
        int error = vm_fault(current->vm, read_cr2(), tf->error & PF_WRITE,
                             tf->error & PF_PRESENT);
        if (error == 0)
            return;
        if (error == -ENOMEM) {
            klog("out of memory: process %d (%s) is killed", current->pid,
                 current->name);
            do_exit(SIGKILL);
        }
    }
    if (signal == 0)
        signal = SIGSEGV;
    if (current->actions[signal - 1].handler <= SIG_IGN) {
        kprintf("kernel: process %d (%s): ", current->pid, current->name);
        describe(tf);
        kprintf("\n");
    }
    signal_force(signal);
}

void
trap(struct trapframe *tf)
{
    trace_enter(tf);
    if (tf->vector == VEC_SYSCALL)
        syscall(tf);
    else if (tf->vector == VEC_IRQ0)
        clock_interrupt(from_user(tf));
    else if (tf->vector == VEC_IRQ0 + 4)
        console_interrupt();
    else if (tf->vector >= VEC_IRQ0 && tf->vector < VEC_IRQ0 + 16)
        ;       // a spurious one: the controllers owe us no explanation
    else if (from_user(tf))
        user_fault(tf);
    else
        kernel_fault(tf);
    if (from_user(tf)) {
        signal_deliver(tf);
        trace_return(tf);
    }
}
