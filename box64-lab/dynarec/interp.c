// SPDX-License-Identifier: MIT
// interp.c -- runs guest code one instruction at a time: what the translation
// has to equal, and the way out where the code cache is full.
// Book: chapter 6.
#include "guest.h"

#include <sched.h>

// Guest threads share memory without locks, as real ones do: whole words only.
static uint64_t
load(struct cpu *cpu, const struct insn *i)
{
    uint32_t at = (uint32_t)cpu->r[i->b] + (uint32_t)i->imm;

    return __atomic_load_n(&cpu->mem[at & cpu->guest->mask], __ATOMIC_ACQUIRE);
}

static void
store(struct cpu *cpu, const struct insn *i)
{
    uint32_t at = (uint32_t)cpu->r[i->b] + (uint32_t)i->imm;

    __atomic_store_n(&cpu->mem[at & cpu->guest->mask], cpu->r[i->a],
                     __ATOMIC_RELEASE);
}

int
guest_push_exit(struct cpu *cpu)
{
    if (cpu->depth >= GUEST_DEPTH) {
        cpu->stop = STOP_OVERFLOW;
        return -1;
    }
    cpu->ret[cpu->depth++] = PC_EXIT;
    return 0;
}

static uint32_t
call(struct cpu *cpu, uint32_t from, uint32_t to)
{
    if (cpu->depth >= GUEST_DEPTH) {
        cpu->stop = STOP_OVERFLOW;
        return from;
    }
    cpu->ret[cpu->depth++] = from + 1;
    return to;
}

// A jump, a call or a return; all of them take fuel, so every program ends.
static uint32_t
jump(struct cpu *cpu, uint32_t pc, const struct insn *i)
{
    uint64_t a = cpu->r[i->a], b = cpu->r[i->b];
    uint32_t to = (uint32_t)i->imm;

    if (--cpu->fuel < 0) {
        cpu->stop = STOP_FUEL;
        return pc;
    }
    switch (i->op) {
    case OP_JMP: return to;
    case OP_BEQ: return a == b ? to : pc + 1;
    case OP_BNE: return a != b ? to : pc + 1;
    case OP_BLT: return (int64_t)a < (int64_t)b ? to : pc + 1;
    case OP_CALL: return call(cpu, pc, to);
    case OP_CALLR: return call(cpu, pc, (uint32_t)a);
    default: return cpu->ret[--cpu->depth];  // OP_RET; PC_EXIT lies below
    }
}

uint32_t
interp_block(struct cpu *cpu, uint32_t pc)
{
    for (; pc < cpu->guest->ncode; pc++) {
        const struct insn *i = &cpu->guest->code[pc];
        uint64_t *a = &cpu->r[i->a], b = cpu->r[i->b];

        switch (i->op) {
        case OP_MOVI: *a = (uint64_t)(int64_t)i->imm; break;
        case OP_MOV: *a = b; break;
        case OP_ADD: *a += b; break;
        case OP_SUB: *a -= b; break;
        case OP_MUL: *a *= b; break;
        case OP_AND: *a &= b; break;
        case OP_OR: *a |= b; break;
        case OP_XOR: *a ^= b; break;
        case OP_ADDI: *a += (uint64_t)(int64_t)i->imm; break;
        case OP_SHL: *a <<= i->imm & 63; break;
        case OP_SHR: *a >>= i->imm & 63; break;
        case OP_LD: *a = load(cpu, i); break;
        case OP_ST: store(cpu, i); break;
        case OP_WAIT:
            while (load(cpu, i) == 0)
                sched_yield();
            break;
        case OP_NATIVE:
            cpu->guest->native[i->imm](cpu);
            if (cpu->stop)
                return pc + 1;
            break;
        default: return jump(cpu, pc, i);
        }
    }
    cpu->stop = STOP_WILD;
    return pc;
}

void
interp_call(struct cpu *cpu, uint32_t pc)
{
    uint32_t depth = cpu->depth;

    if (guest_push_exit(cpu) < 0)
        return;
    while (pc != PC_EXIT && !cpu->stop)
        pc = interp_block(cpu, pc);
    cpu->depth = depth;
}
