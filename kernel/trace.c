// SPDX-License-Identifier: MIT
// trace.c -- the investigator's tools: log lines in the dispatch, which take
// the time they take, other ways to switch the page table, and a ring of
// events with time stamps.  All off unless an option asks.  Called by proc.c,
// trap.c and syscall.c.  Book: chapter 4.
#include "boot.h"
#include "clock.h"
#include "console.h"
#include "trace.h"
#include "x86.h"

#define CR4_PGE (1UL << 7)

struct trace_event trace_ring[TRACE_EVENTS];
uint64_t trace_count, trace_slow;
bool trace_ring_on, trace_dispatch_on;

// Who is meant by the options, and what its dispatch costs.
static int who;
static enum trace_when when;
static uint64_t lines, lines_rest, path;
static bool log_queue, no_calls;
static enum { FLUSH_CR3, FLUSH_TWICE, FLUSH_PGE, FLUSH_INVLPG } flush;
static struct proc *running;        // the one dispatched last

// ---- options ----------------------------------------------------------------

// The place of `option`'s value among `names`; 0, the usual one, if there is no
// such option.
static int
choice(const char *option, const char *const names[])
{
    for (int i = 0; names[i] != NULL; i++)
        if (boot_option_is(option, names[i]))
            return i;
    if (boot_option(option, UINT64_MAX) != UINT64_MAX)
        klog("trace: %s= has a value that is unknown; taking %s", option,
             names[0]);
    return 0;
}

void
trace_path(uint64_t us, int new_who, enum trace_when new_when)
{
    path = us * clock_tsc_per_us;
    who = new_who;
    when = new_when;
    trace_dispatch_on = true;
}

void
trace_init(void)
{
    static const char *const whos[] = { "all", "forked", "executed", NULL };
    static const char *const whens[] = { "always", "first", "later", NULL };
    static const char *const flushes[] = { "cr3", "twice", "pge", "invlpg",
                                           NULL };
    int pid = (int)boot_option("slow-who", 0);      // 0 for a name
    trace_path(boot_option("path", 0),
               pid > 0 ? -pid : choice("slow-who", whos),
               (enum trace_when)choice("slow-when", whens));
    lines = boot_option("log", 0);
    lines_rest = boot_option("log-rest", 0);
    log_queue = boot_option_is("log-queue", "on");
    no_calls = boot_option_is("trace-calls", "off");
    flush = choice("flush", flushes);
    if (flush == FLUSH_PGE)
        write_cr4(read_cr4() | CR4_PGE);
    trace_ring_on = boot_option_is("trace", "on")
                    || boot_option_is("trace", "print");
    trace_dispatch_on = trace_ring_on || path + lines + lines_rest > 0
                        || log_queue;
}

static bool
selected(const struct proc *p)
{
    if ((who < 0 && p->pid != -who) || (who == WHO_FORKED && p->executed)
        || (who == WHO_EXECUTED && !p->executed))
        return false;
    return when == WHEN_ALWAYS || (p->dispatches == 0) == (when == WHEN_FIRST);
}

// ---- the ring ---------------------------------------------------------------

void
trace_event(enum trace_kind kind, int pid, uint64_t rip, uint64_t arg)
{
    trace_ring[trace_count++ % TRACE_EVENTS] = (struct trace_event){
        .tsc = rdtsc(), .rip = rip, .pid = (uint32_t)pid, .kind = kind,
        .arg = arg,
    };
}

// System calls are many; they can be left out, but for the end of a dispatch.
static bool
left_out(const struct trapframe *tf)
{
    return no_calls && tf->vector == VEC_SYSCALL
           && trace_ring[(trace_count - 1) % TRACE_EVENTS].kind
              != TRACE_DISPATCHED;
}

void
trace_entered(const struct trapframe *tf)
{
    if (!left_out(tf))
        trace_event(TRACE_ENTER, current != NULL ? current->pid : 0, tf->rip,
                    tf->vector);
}

void
trace_return(const struct trapframe *tf)
{
    if (trace_ring_on && !left_out(tf))
        trace_event(TRACE_RETURN, current->pid, tf->rip, clock_waiting());
}

void
trace_print(void)
{
    static const char *const names[] = {
        [TRACE_ENTER] = "enter", [TRACE_RETURN] = "return",
        [TRACE_SWITCH] = "switch", [TRACE_DISPATCHED] = "dispatched",
        [TRACE_FORK] = "fork",
    };
    if (!boot_option_is("trace", "print"))
        return;
    console_init(0);                // this is no part of the run
    uint64_t n = trace_count > TRACE_EVENTS ? trace_count - TRACE_EVENTS : 0;
    for (; n < trace_count; n++) {
        const struct trace_event *e = &trace_ring[n % TRACE_EVENTS];
        kprintf("trace: %lu %s %u %p %lu\n", e->tsc, names[e->kind], e->pid,
                (void *)e->rip, e->arg);
    }
}

// ---- the dispatch -----------------------------------------------------------

static void
print_queue(void)
{
    const char *comma = "";
    kprintf("ready_queue: [");
    for (struct proc *p = ready_peek(); p != NULL; p = p->next) {
        kprintf("%s%d", comma, p->pid);
        comma = ", ";
    }
    kprintf("]\n");
}

// The first n of the report's lines, in the order in which things happen.
// `old` may have ended, but its stack is still there.
static void
print_dispatch(const struct proc *old, const struct proc *p, uint64_t n)
{
    const struct trapframe *tf = p->tf;
    void *cr3 = (void *)read_cr3(), *next = (void *)p->vm->pml4;
    if (n >= 1)
        kprintf("SCHEDULER ENTRY: thread %d RIP=%p CR3=%p\n", old->pid,
                (void *)old->tf->rip, cr3);
    if (n >= 4)
        kprintf("Context switch on interrupt return: %d -> %d\n", old->pid,
                p->pid);
    if (n >= 5)
        kprintf("Saved userspace context for thread %d: RIP=%p\n", old->pid,
                (void *)old->tf->rip);
    if (n >= 6)
        kprintf("restore_userspace_thread_context: Restoring thread %d\n",
                p->pid);
    if (n >= 2)
        kprintf("Restored userspace context for thread %d: RIP=%p, RSP=%p, "
                "RAX=%p, CS=%p, SS=%p, RFLAGS=%p\n", p->pid, (void *)tf->rip,
                (void *)tf->rsp, (void *)tf->rax, (void *)tf->cs,
                (void *)tf->ss, (void *)tf->rflags);
    if (n >= 7)
        kprintf("Scheduled page table switch for process %d on return: "
                "frame=%p\n", p->pid, next);
    if (n >= 3)
        kprintf("get_next_page_table: Current CR3=%p, switching to CR3=%p\n",
                cr3, next);
}

void
trace_switch(struct proc *p)
{
    if (!trace_dispatch_on || running == NULL || p == running)
        return;
    uint64_t start = rdtsc();
    bool slow = selected(p);
    if (trace_ring_on)
        trace_event(TRACE_SWITCH, p->pid, p->tf->rip, (uint64_t)running->pid);
    if (log_queue)
        print_queue();
    print_dispatch(running, p, slow ? lines : lines_rest);
    trace_slow += slow;
    while (slow && rdtsc() - start < path)
        ;
}

void
trace_started(struct proc *p)
{
    running = p;
    if (trace_ring_on)
        trace_event(TRACE_DISPATCHED, p->pid, p->tf->rip, p->dispatches);
    p->dispatches++;
}

void
trace_forked(struct proc *child)
{
    if (trace_ring_on)
        trace_event(TRACE_FORK, current->pid, child->tf->rip,
                    (uint64_t)child->pid);
    if (current == init_proc)
        return;                 // init's own children are no experiment
    if (boot_option_is("tf", "child")) {
        // With RF, as in the report: the processor clears it as soon as one
        // instruction has been executed.
        child->tf->rflags |= FL_TF | FL_RF;
        kprintf("DEBUG: Set trap flag for child %d - RFLAGS: %p\n",
                child->pid, (void *)child->tf->rflags);
    }
    if (boot_option_is("timer", "off-at-fork")) {
        kprintf("DEBUG: Timer masked, child %d is READY\n", child->pid);
        clock_mask();
    }
}

void
trace_load_cr3(struct vm *vm)
{
    write_cr3(vm->pml4);
    if (flush == FLUSH_TWICE)
        write_cr3(vm->pml4);
    if (flush == FLUSH_PGE) {       // the report's: global pages go as well
        uint64_t cr4 = read_cr4();
        write_cr4(cr4 & ~CR4_PGE);
        write_cr4(cr4);
        __asm__ volatile("mfence" : : : "memory");
    }
    pte_t *pte;
    if (flush == FLUSH_INVLPG)
        for (uint64_t va = 0; (va = vm_next(vm, va, USER_TOP, &pte)) < USER_TOP;
             va += PAGE_SIZE)
            invlpg(va);
}
