// SPDX-License-Identifier: MIT
// boot.S -- from the loader's 32-bit protected mode to kmain() in the higher
// half.  Two loaders come here: QEMU's -kernel (PVH) and GRUB (multiboot2).
#include "layout.h"

#define MULTIBOOT2_MAGIC 0xe85250d6
#define CR0_PG_WP_NE_ET_MP_PE 0x80010033
#define CR4_PAE 0x20
#define MSR_EFER 0xc0000080
#define EFER_SCE_LME_NXE 0x901
#define PTE_P_W 3
#define PTE_P_W_BIG 0x83
#define PHYS(sym) ((sym) - KERNEL_BASE)

        .section .boot, "awx"

// GRUB looks for this in the first 32 KiB.  There must never be a multiboot
// *1* header here: QEMU would prefer it to PVH, and refuse a 64-bit image.
        .balign 8
multiboot2_header:
        .long MULTIBOOT2_MAGIC
        .long 0                         // architecture: i386
        .long multiboot2_end - multiboot2_header
        .long -(MULTIBOOT2_MAGIC + (multiboot2_end - multiboot2_header))
        .short 0, 0                     // the last tag
        .long 8
multiboot2_end:

// In: 32-bit protected mode, flat segments, paging and interrupts off, no
// stack.  From GRUB EAX is 0x36d76289; EBX points to the loader's information.
        .code32
        .globl _start
_start:
        cld
        movl    %eax, %edi              // kmain's arguments, kept to the end
        movl    %ebx, %esi

        movl    $CR4_PAE, %eax
        movl    %eax, %cr4
        movl    $PHYS(boot_pml4), %eax
        movl    %eax, %cr3
        movl    $MSR_EFER, %ecx
        rdmsr
        orl     $EFER_SCE_LME_NXE, %eax
        wrmsr
        movl    $CR0_PG_WP_NE_ET_MP_PE, %eax
        movl    %eax, %cr0              // long mode, still in 32-bit code
        lgdt    PHYS(boot_gdt_pointer)
        ljmp    $SEL_KCODE, $in_long_mode

// In: 64-bit mode at the image's physical address, EDI and ESI as above.
        .code64
in_long_mode:
        movl    $SEL_KDATA, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %ss
        xorl    %eax, %eax
        movl    %eax, %fs
        movl    %eax, %gs
        movq    $boot_stack_top, %rsp
        xorl    %ebp, %ebp              // here a backtrace ends
        movl    %edi, %edi              // clear the upper halves
        movl    %esi, %esi
        movabsq $kmain, %rax
        callq   *%rax
1:      hlt
        jmp     1b

// The note by which QEMU finds the entry for PVH.
        .section .note.Xen, "a", @note
        .balign 4
        .long   4, 8, 18                // XEN_ELFNOTE_PHYS32_ENTRY
        .asciz  "Xen"
        .quad   _start

        .section .data
        .balign 8
boot_gdt:
        .quad   0, 0
        .quad   0x00af9a000000ffff      // SEL_KCODE
        .quad   0x00cf92000000ffff      // SEL_KDATA
boot_gdt_pointer:
        .short  . - boot_gdt - 1
        .long   PHYS(boot_gdt)

// The first gigabyte three times: where it is (for the code above), at
// DIRECT_BASE, and at KERNEL_BASE.  vm_init() replaces all this.
        .balign PAGE_SIZE
boot_pml4:
        .quad   PHYS(boot_pdpt_low) + PTE_P_W
        .fill   272, 8, 0
        .quad   PHYS(boot_pdpt_low) + PTE_P_W   // 273: DIRECT_BASE
        .fill   237, 8, 0
        .quad   PHYS(boot_pdpt_high) + PTE_P_W  // 511: KERNEL_BASE
boot_pdpt_low:
        .quad   PHYS(boot_pd) + PTE_P_W
        .fill   511, 8, 0
boot_pdpt_high:
        .fill   510, 8, 0
        .quad   PHYS(boot_pd) + PTE_P_W
        .quad   0
        .globl  boot_pd
boot_pd:
        .set    i, 0
        .rept   512
        .quad   (i << 21) + PTE_P_W_BIG
        .set    i, i + 1
        .endr

        .section .bss
        .balign 16
        .globl  boot_stack, boot_stack_top
boot_stack:
        .skip   KSTACK_SIZE
boot_stack_top:
        .section .note.GNU-stack, "", @progbits
