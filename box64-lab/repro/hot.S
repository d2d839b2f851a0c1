# SPDX-License-Identifier: MIT
# hot.S -- the functions whose blocks are counted: hot_compute_N, cold_N.
# Assembled for x86-64, run by box64; called by main.c.  Book: chapter 6.
#
# Each is one straight line, so box64 makes one block of it, of about 6 KB; 28
# of them are more than the first piece of its code cache holds, 128 KB.

.set FILL, 500          # instructions that make a block big

.macro fill             # long, and harmless
    .rept FILL
    lea     0x01020304(%rax), %rax
    .endr
.endm

# hot_compute_N(int fd, char *buf, int *arrived): says that it is inside its
# block, then stays there: a system call does not end a block.
.macro hot n
    .globl  hot_compute_\n
    .type   hot_compute_\n, @function
    .p2align 4
hot_compute_\n:
    mov     %rdx, %r8
    xor     %eax, %eax
    fill
    lock incl (%r8)
    xor     %eax, %eax          # SYS_read
    mov     $1, %edx
    syscall
    ret
    .size   hot_compute_\n, . - hot_compute_\n
    .pushsection .data.rel.ro, "aw"
    .quad   hot_compute_\n
    .popsection
.endm

.macro cold n
    .globl  cold_\n
    .type   cold_\n, @function
    .p2align 4
cold_\n:
    fill
    ret
    .size   cold_\n, . - cold_\n
    .pushsection .data.rel.ro, "aw"
    .quad   cold_\n
    .popsection
.endm

.section .data.rel.ro, "aw"
.globl hot_functions, cold_functions
.p2align 3
hot_functions:
.text
.altmacro
.macro hots from, to
    hot %from
    .if \to - \from
    hots %(from+1), \to
    .endif
.endm
.macro colds from, to
    cold %from
    .if \to - \from
    colds %(from+1), \to
    .endif
.endm
hots 0, 7
.section .data.rel.ro, "aw"
cold_functions:
.text
colds 0, 27
.section .note.GNU-stack, "", @progbits
