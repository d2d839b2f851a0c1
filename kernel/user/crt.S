// SPDX-License-Identifier: MIT
// crt.S -- a program's first instructions, and the two ways into the kernel.
        .text
// In: RSP at argc, argv, 0, envp, 0, auxiliary vector.
        .globl  _start
_start:
        xorl    %ebp, %ebp
        movq    (%rsp), %rdi
        leaq    8(%rsp), %rsi
        leaq    16(%rsp,%rdi,8), %rax
        movq    %rax, environ(%rip)
        andq    $-16, %rsp
        call    main
        movl    %eax, %edi
        movl    $231, %eax              // exit_group
        syscall
        ud2

// long call6(long number, a, b, c, d, e, f)
        .globl  call6
call6:
        movq    %rdi, %rax
        movq    %rsi, %rdi
        movq    %rdx, %rsi
        movq    %rcx, %rdx
        movq    %r8, %r10
        movq    %r9, %r8
        movq    8(%rsp), %r9
        syscall
        ret

// long call_int80(long number, a, b, c)
        .globl  call_int80
call_int80:
        movq    %rdi, %rax
        movq    %rsi, %rdi
        movq    %rdx, %rsi
        movq    %rcx, %rdx
        int     $0x80
        ret

// Where a signal handler returns to.
        .globl  restorer
restorer:
        movl    $15, %eax               // rt_sigreturn
        syscall
        ud2
        .section .note.GNU-stack, "", @progbits
