# SPDX-License-Identifier: MIT
# hot.S -- the functions whose blocks are counted: hot_compute_N, cold_N.
# Assembled for x86-64, run by box64; called by main.c.  Book: chapter 6.
#
# A hot or cold one is one straight line, so box64 makes one block of it, of
# about 6 KB.  11 cold ones, and what main runs besides, need more than the
# first piece of box64's code memory holds, 128 KB, but have room in it once a
# purge has freed hot ones.  What is freed waits in a ring of 64 blocks first:
# hence the small ones, which take its places.

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

# small_N: a call each, next to nothing, but a block of its own.
.macro small n
    .globl  small_\n
    .type   small_\n, @function
    .p2align 4
small_\n:
    ret
    .size   small_\n, . - small_\n
    .pushsection .data.rel.ro, "aw"
    .quad   small_\n
    .popsection
.endm

.section .data.rel.ro, "aw"
.globl hot_functions, cold_functions, small_functions
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
.macro smalls from, to
    small %from
    .if \to - \from
    smalls %(from+1), \to
    .endif
.endm
hots 0, 7
.section .data.rel.ro, "aw"
cold_functions:
.text
colds 0, 10
.section .data.rel.ro, "aw"
small_functions:
.text
smalls 0, 31
smalls 32, 63
smalls 64, 79
.section .note.GNU-stack, "", @progbits
