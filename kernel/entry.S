// SPDX-License-Identifier: MIT
// entry.S -- the ways into the kernel, the way out, and the switch between two
// kernel stacks.  trap.c goes on from here.  Book: chapter 2.
#include "layout.h"
#include "offsets.h"

        .section .note.GNU-stack, "", @progbits
        .text

// One stub a vector.  In: the processor has pushed SS, RSP, RFLAGS, CS, RIP
// and, for some exceptions, an error code; interrupts are off (every gate is
// an interrupt gate).  The stubs make the frames alike.
        .macro  stub n
vector_\n:
        .if (\n == 8) || (\n >= 10 && \n <= 14) || (\n == 17)
        .elseif \n == VEC_SYSCALL
        pushq   %rax                    // the call's number, as `error`
        .else
        pushq   $0
        .endif
        pushq   $\n
        jmp     save_registers
        .endm

        .altmacro
        .set    i, 0
        .rept   256
        stub    %i
        .set    i, i + 1
        .endr

// `syscall`.  In: ring 0, still the user's stack, RCX its RIP, R11 its flags,
// interrupts off (SFMASK).  There is one processor, so two variables are
// enough to get to the kernel stack.  From here on it looks like int $0x80.
        .globl  syscall_entry
syscall_entry:
        movq    %rsp, user_rsp(%rip)
        movq    kernel_rsp(%rip), %rsp
        pushq   $SEL_UDATA
        pushq   user_rsp(%rip)
        pushq   %r11
        pushq   $SEL_UCODE
        pushq   %rcx
        pushq   %rax
        pushq   $VEC_SYSCALL

// In: the vector and the error code on top of the processor's frame; all
// other registers are still the interrupted program's.
        .cfi_sections .debug_frame
        .cfi_startproc
        .cfi_undefined rip              // for gdb: here a backtrace ends
        .globl  save_registers
save_registers:
        pushq   %rdi
        pushq   %rsi
        pushq   %rdx
        pushq   %rcx
        pushq   %rax
        pushq   %r8
        pushq   %r9
        pushq   %r10
        pushq   %r11
        pushq   %rbx
        pushq   %rbp
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        cld
        movq    %rsp, %rdi
        xorl    %ebp, %ebp              // a backtrace ends at the trap
        testb   $3, TF_CS(%rsp)
        jnz     1f
        movq    TF_RBP(%rsp), %rbp      // or goes on in the kernel
1:      call    trap

// Out: to whoever the frame at RSP says, with IRETQ for everybody (SYSRET has
// opinions on RCX and R11, and on addresses that are not canonical).
        .globl  trap_return
trap_return:
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbp
        popq    %rbx
        popq    %r11
        popq    %r10
        popq    %r9
        popq    %r8
        popq    %rax
        popq    %rcx
        popq    %rdx
        popq    %rsi
        popq    %rdi
        addq    $TF_RIP - TF_VECTOR, %rsp
        .globl  trap_iretq
trap_iretq:
        iretq
        .cfi_endproc

// void switch_context(struct context **old, struct context *new)
// In: interrupts off, on the old process's kernel stack.  Out: on the new
// one's, returning from its own call of switch_context.  Only what a callee
// must preserve is saved; the rest the C compiler has saved already.
        .globl  switch_context
switch_context:
        pushq   %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        movq    %rsp, (%rdi)
        movq    %rsi, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        ret

// The first switch to a new process "returns" here, on top of its trap frame.
        .globl  first_return
first_return:
        call    proc_started
        jmp     trap_return

        .section .rodata
        .balign 8
        .globl  vectors
vectors:
        .macro  vector n
        .quad   vector_\n
        .endm
        .set    i, 0
        .rept   256
        vector  %i
        .set    i, i + 1
        .endr

        .bss
        .balign 8
        .globl  kernel_rsp
kernel_rsp:
        .quad   0
user_rsp:
        .quad   0
