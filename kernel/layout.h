// SPDX-License-Identifier: MIT
// layout.h -- where everything lies in the address space, and the segment
// selectors.  For C, assembly and the linker script alike.  Book: chapter 2.
#ifndef LAYOUT_H
#define LAYOUT_H

#ifdef __ASSEMBLER__
#define UL(x) x
#else
#define UL(x) x##UL
#endif

#define PAGE_SIZE 4096
#define PAGE_SHIFT 12

//  0000000000000000 +--------------------------+
//                   | never mapped             |
//  0000000000010000 | the program, its heap    |
//                   |         ...              |
//                   | mmap, growing downwards  |
//                   | the stack, at most 8 MiB |
//  00007ffffffff000 +--------------------------+ USER_TOP
//                   | not canonical            |
//  ffff888000000000 | all memory, 1:1          | DIRECT_BASE
//  ffffc90000000000 | kernel stacks and guards | KSTACK_BASE
//  ffffffff80000000 | the kernel's image       | KERNEL_BASE
#define USER_LOW UL(0x10000)
#define USER_TOP UL(0x00007ffffffff000)
#define STACK_TOP USER_TOP
#define STACK_MAX UL(0x800000)
#define MMAP_TOP (STACK_TOP - STACK_MAX - UL(0x100000))
#define PIE_BASE UL(0x0000555555554000)

#define DIRECT_BASE UL(0xffff888000000000)
#define KSTACK_BASE UL(0xffffc90000000000)
#define KERNEL_BASE UL(0xffffffff80000000)
#define KERNEL_PHYS UL(0x100000)

// What this kernel can manage: one gigabyte, one page directory of 2 MiB pages.
#define MEM_MAX UL(0x40000000)

// A stack has one page below it that is never mapped: whoever runs over the
// edge gets a double fault with its name on it, not somebody else's memory.
#define KSTACK_PAGES 4
#define KSTACK_SIZE (KSTACK_PAGES * PAGE_SIZE)
#define KSTACK_STRIDE ((KSTACK_PAGES + 1) * PAGE_SIZE)

// Linux's selectors.  `syscall` loads CS and SS from SEL_KCODE and the entry
// above it; programs can see the user's and expect these.
#define SEL_KCODE 0x10
#define SEL_KDATA 0x18
#define SEL_UDATA (0x28 | 3)
#define SEL_UCODE (0x30 | 3)
#define SEL_TSS 0x40

// Interrupt vectors.
#define VEC_IRQ0 0x20
#define VEC_SYSCALL 0x80

#endif
