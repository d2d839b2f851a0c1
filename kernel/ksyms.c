// SPDX-License-Identifier: MIT
// ksyms.c -- addresses to names, and the walk up the saved frame pointers.
#include "ksyms.h"
#include "proc.h"

#define DEPTH 16

extern char text_start[], text_end[], boot_stack[], boot_stack_top[];

const char *
ksym_name(uint64_t address, uint64_t *offset)
{
    const struct ksym *best = NULL;
    if (address < (uint64_t)text_start || address >= (uint64_t)text_end)
        return "?";
    for (uint64_t i = 0; i < ksyms_count; i++)
        if (ksyms[i].address <= address
            && (best == NULL || ksyms[i].address >= best->address))
            best = &ksyms[i];
    if (best == NULL)
        return "?";
    *offset = address - best->address;
    return best->name;
}

// A frame pointer is believed only where there is a stack.
static bool
on_a_stack(uint64_t rbp)
{
    if (rbp % 8 != 0)
        return false;
    if (rbp >= (uint64_t)boot_stack && rbp + 16 <= (uint64_t)boot_stack_top)
        return true;
    return current != NULL && rbp >= current->kstack - KSTACK_SIZE
           && rbp + 16 <= current->kstack;
}

void
backtrace(uint64_t rbp)
{
    for (int i = 0; i < DEPTH && on_a_stack(rbp); i++) {
        const uint64_t *frame = (const uint64_t *)rbp;
        uint64_t offset = 0;
        const char *name = ksym_name(frame[1] - 1, &offset);
        kprintf("kernel:   %p %s+%p\n", (void *)frame[1], name,
                (void *)(offset + 1));
        if (frame[0] <= rbp)
            return;
        rbp = frame[0];
    }
}
