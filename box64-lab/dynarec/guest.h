// SPDX-License-Identifier: MIT
// guest.h -- the guest machine: instructions, processor state, programs.
// interp.c runs it step by step, translate.c as native code.  Book: chapter 6.
//
// Eight registers of 64 bits, a memory of 64-bit words (addresses wrap), a
// stack of return addresses that guest code cannot see.  A program counter is
// an index into an array of instructions.
#ifndef GUEST_H
#define GUEST_H

#include <stdint.h>

enum op {
    OP_MOVI,    // ra = imm
    OP_MOV,     // ra = rb
    OP_ADD,     // ra += rb
    OP_SUB,     // ra -= rb
    OP_MUL,     // ra *= rb
    OP_AND,     // ra &= rb
    OP_OR,      // ra |= rb
    OP_XOR,     // ra ^= rb
    OP_ADDI,    // ra += imm
    OP_SHL,     // ra <<= imm
    OP_SHR,     // ra >>= imm, zeros come in
    OP_LD,      // ra = mem[rb + imm]
    OP_ST,      // mem[rb + imm] = ra
    OP_WAIT,    // spin until mem[rb + imm] is not 0
    OP_NATIVE,  // call native function imm: it may call guest code again
    // The rest end a basic block.
    OP_JMP,     // go to imm
    OP_BEQ,     // if ra == rb go to imm
    OP_BNE,     // if ra != rb go to imm
    OP_BLT,     // if ra < rb (signed) go to imm
    OP_CALL,    // call imm
    OP_CALLR,   // call the address in ra
    OP_RET,     // return
    OP_COUNT,
};

struct insn {
    uint8_t op, a, b;
    int32_t imm;
};

#define GUEST_REGS 8
#define GUEST_DEPTH 64        // return addresses that fit
#define PC_EXIT UINT32_MAX    // returning to this address ends a call

enum stop {
    STOP_NONE,
    STOP_FUEL,      // cpu->fuel jumps were made
    STOP_OVERFLOW,  // more than GUEST_DEPTH calls deep
    STOP_WILD,      // jumped to where no program is
};

struct cpu;
typedef void native_fn(struct cpu *cpu);

// A program, shared by all its threads; nothing but `mem` changes.
struct guest {
    const struct insn *code;
    uint32_t ncode;
    uint64_t *mem;
    uint32_t mask;             // words of mem - 1, a power of two less one
    native_fn *const *native;  // what OP_NATIVE calls
    uint32_t nnative;
};

// One thread of guest code.  A native function finds its arguments in r[],
// leaves its result there, and calls guest code by cpu->call(cpu, pc).
struct cpu {
    uint64_t r[GUEST_REGS];
    uint32_t ret[GUEST_DEPTH];
    uint32_t depth;
    int32_t fuel;              // every jump, call and return takes one
    uint32_t stop;             // enum stop; once set, all calls unwind
    const struct guest *guest;
    uint64_t *mem;             // guest->mem, where translated code finds it
    void (*call)(struct cpu *cpu, uint32_t pc);
    void *user;                // for native functions, not for us

    // Of the dynarec, see dyn.h; the interpreter leaves them alone.
    struct dyn *dyn;
    struct block *entering;    // in its code, or about to be, not counted yet
    struct block *leaving;     // in its code still, not counted any more
    struct cpu *next;          // in the list of all of them: dyn->lock
    const char *stack_low, *stack_top;  // of the native thread
    uintptr_t thread;          // pthread_self()
};

// interp.c: run from pc to the end of a basic block; the next pc on return.
uint32_t interp_block(struct cpu *cpu, uint32_t pc);
// Call guest code at pc and return when it has returned, or cpu->stop is set.
void interp_call(struct cpu *cpu, uint32_t pc);
// Push PC_EXIT, so that a return ends the call.  0, or -1 and cpu->stop set.
int guest_push_exit(struct cpu *cpu);

#endif
