// SPDX-License-Identifier: MIT
// translate.c -- makes native code (x86-64) of a basic block of guest code.
// Called by dyn.c; cache.c publishes what it makes.  Book: chapter 6.
//
// In emitted code:  rbx  the cpu          r13  the dyn
//                   r12  guest memory     r15  the block that is running
//                   rax, rcx, rdx         for the moment
// All four live through calls, so a native function can be called at once, and
// rsp is a multiple of 16 then.  Guest registers stay in the cpu.
//
// A block:   in_used += 1, entering = leaving = NULL, tick = now
//            the instructions
//            chain: find the next block, entering = it, leaving = this one,
//            in_used -= 1, jump; where there is none, back to C
//
// Everything that a thread holds, it holds with its program counter (or a
// return address) inside the block: inuse.c relies on it.
#include "dyn.h"

#include <assert.h>
#include <string.h>

#define CPU(member) ((int32_t)offsetof(struct cpu, member))
#define REG(n) ((int32_t)(offsetof(struct cpu, r) + 8 * (n)))
#define DYN(member) ((int32_t)offsetof(struct dyn, member))
#define BLOCK(member) ((int8_t)offsetof(struct block, member))

_Static_assert(sizeof(struct block) <= 64, "8-bit offsets reach it all");

// ------------------------------------------------------------------ emitting

// Positions are offsets: no pointer into the code is left behind on our stack.
struct emit {
    unsigned char *base;
    uint32_t at, size;
};

static void
bytes(struct emit *e, const void *from, uint32_t n)
{
    assert(e->at + n <= e->size);
    memcpy(e->base + e->at, from, n);
    e->at += n;
}

// An opcode, given as its bytes
#define OPCODE(e, ...) \
    bytes(e, (const unsigned char[]){__VA_ARGS__}, \
          sizeof((const unsigned char[]){__VA_ARGS__}))

static void
imm32(struct emit *e, int32_t v)
{
    bytes(e, &v, sizeof v);
}

static void
imm64(struct emit *e, uint64_t v)
{
    bytes(e, &v, sizeof v);
}

// A jump forward: emit now, say later where to.  Gives what land() needs.
#define JMP 0xe9
#define JB 0x82
#define JAE 0x83
#define JE 0x84
#define JNE 0x85
#define JNS 0x89
#define JL 0x8c

static uint32_t
jump(struct emit *e, unsigned char how)
{
    if (how == JMP)
        OPCODE(e, JMP);
    else
        OPCODE(e, 0x0f, how);
    imm32(e, 0);
    return e->at;
}

static void
land(struct emit *e, uint32_t from)
{
    int32_t distance = (int32_t)(e->at - from);

    memcpy(e->base + from - 4, &distance, 4);
}

static void
load_rax(struct emit *e, int n)
{
    OPCODE(e, 0x48, 0x8b, 0x83), imm32(e, REG(n));  // mov rax, [rbx+REG]
}

static void
store_rax(struct emit *e, int n)
{
    OPCODE(e, 0x48, 0x89, 0x83), imm32(e, REG(n));  // mov [rbx+REG], rax
}

static void
set_eax(struct emit *e, uint32_t v)
{
    OPCODE(e, 0xb8), imm32(e, (int32_t)v);          // mov eax, v
}

static void
set_stop(struct emit *e, enum stop why)
{
    OPCODE(e, 0xc7, 0x83), imm32(e, CPU(stop));     // mov dword [rbx+stop], why
    imm32(e, (int32_t)why);
}

// --------------------------------------------------------- entering, leaving

static void
clear(struct emit *e, int32_t member)
{
    OPCODE(e, 0x48, 0xc7, 0x83), imm32(e, member);  // mov qword [rbx+..], 0
    imm32(e, 0);
}

static void
enter_block(struct emit *e, struct block *b)
{
    OPCODE(e, 0x49, 0xbf), imm64(e, (uintptr_t)b);  // mov r15, b
    OPCODE(e, 0xf0, 0x41, 0xff, 0x47,
           (unsigned char)BLOCK(in_used));          // lock inc [r15+in_used]
    clear(e, CPU(entering));
    clear(e, CPU(leaving));
    OPCODE(e, 0x41, 0x8b, 0x8d), imm32(e, DYN(tick));  // mov ecx, [r13+tick]
    OPCODE(e, 0x41, 0x89, 0x4f,
           (unsigned char)BLOCK(tick));             // mov [r15+tick], ecx
}

// From the decrement on this code may be freed, unless `leaving` says that it
// is still being run.
static void
release(struct emit *e)
{
    OPCODE(e, 0x4c, 0x89, 0xbb), imm32(e, CPU(leaving));  // mov [rbx+..], r15
    OPCODE(e, 0xf0, 0x41, 0xff, 0x4f,
           (unsigned char)BLOCK(in_used));          // lock dec [r15+in_used]
}

// Back to C, eax: the next guest address.
static void
leave_block(struct emit *e)
{
    release(e);
    OPCODE(e, 0x41, 0xff, 0xa5), imm32(e, DYN(leave));  // jmp [r13+leave]
}

// Go on at the guest address in eax: straight to its block if there is one.
// `holding`: a block ends here; else C code enters.
static void
chain(struct emit *e, bool holding)
{
    uint32_t none[3];

    OPCODE(e, 0x41, 0x3b, 0x85), imm32(e, DYN(ncode));  // cmp eax, [r13+ncode]
    none[0] = jump(e, JAE);
    OPCODE(e, 0x49, 0x8b, 0x94, 0xc5);          // mov rdx, [r13+rax*8+table]
    imm32(e, DYN(table));
    OPCODE(e, 0x48, 0x85, 0xd2);                    // test rdx, rdx
    none[1] = jump(e, JE);
    OPCODE(e, 0x48, 0x89, 0xd1);                    // mov rcx, rdx
    OPCODE(e, 0x48, 0x87, 0x8b);                    // xchg [rbx+entering], rcx
    imm32(e, CPU(entering));
    OPCODE(e, 0x49, 0x3b, 0x94, 0xc5);          // cmp rdx, [r13+rax*8+table]
    imm32(e, DYN(table));
    none[2] = jump(e, JNE);
    if (holding)
        release(e);
    OPCODE(e, 0xff, 0x62, (unsigned char)BLOCK(code));  // jmp [rdx+code]
    for (int i = 0; i < 3; i++)
        land(e, none[i]);
    clear(e, CPU(entering));
    if (holding)
        leave_block(e);
    else
        OPCODE(e, 0x41, 0xff, 0xa5), imm32(e, DYN(leave));
}

void
translate_glue(struct dyn *d)
{
    struct emit e = {.base = d->glue, .size = SLOT_SIZE};

    // enter(rdi: cpu, esi: guest address)
    OPCODE(&e, 0x53, 0x55);                         // push rbx; push rbp
    OPCODE(&e, 0x41, 0x54, 0x41, 0x55);             // push r12; push r13
    OPCODE(&e, 0x41, 0x56, 0x41, 0x57);             // push r14; push r15
    OPCODE(&e, 0x48, 0x83, 0xec, 0x08);             // sub rsp, 8
    OPCODE(&e, 0x48, 0x89, 0xfb);                   // mov rbx, rdi
    OPCODE(&e, 0x4c, 0x8b, 0xab), imm32(&e, CPU(dyn));  // mov r13, [rbx+dyn]
    OPCODE(&e, 0x4c, 0x8b, 0xa3), imm32(&e, CPU(mem));  // mov r12, [rbx+mem]
    OPCODE(&e, 0x89, 0xf0);                         // mov eax, esi
    chain(&e, false);
    d->leave = d->glue + e.at;
    clear(&e, CPU(leaving));
    OPCODE(&e, 0x48, 0x83, 0xc4, 0x08);             // add rsp, 8
    OPCODE(&e, 0x41, 0x5f, 0x41, 0x5e);             // pop r15; pop r14
    OPCODE(&e, 0x41, 0x5d, 0x41, 0x5c);             // pop r13; pop r12
    OPCODE(&e, 0x5d, 0x5b, 0xc3);                   // pop rbp; pop rbx; ret
    // ISO C has no cast from data to code; a copy of the bits is the same.
    memcpy(&d->enter, &d->glue, sizeof d->enter);
}

// -------------------------------------------------------------- instructions

// ra = ra OP rb, OP given by its opcode for `OP rax, [rbx+REG]`
static void
arith(struct emit *e, const struct insn *i)
{
    static const unsigned char op[] = {
        [OP_ADD] = 0x03, [OP_SUB] = 0x2b, [OP_AND] = 0x23,
        [OP_OR] = 0x0b, [OP_XOR] = 0x33,
    };

    load_rax(e, i->a);
    if (i->op == OP_MUL)
        OPCODE(e, 0x48, 0x0f, 0xaf, 0x83);          // imul rax, [rbx+REG]
    else
        OPCODE(e, 0x48, op[i->op], 0x83);
    imm32(e, REG(i->b));
    store_rax(e, i->a);
}

// rax = the index of the word mem[rb + imm]
static void
address(struct emit *e, const struct dyn *d, const struct insn *i)
{
    OPCODE(e, 0x8b, 0x83), imm32(e, REG(i->b));     // mov eax, [rbx+REG]
    OPCODE(e, 0x05), imm32(e, i->imm);              // add eax, imm
    OPCODE(e, 0x25), imm32(e, (int32_t)d->guest->mask);  // and eax, mask
}

static void
native(struct emit *e, const struct dyn *d, const struct insn *i, uint32_t pc)
{
    native_fn *fn = d->guest->native[i->imm];
    uint32_t go_on;

    OPCODE(e, 0x48, 0x89, 0xdf);                    // mov rdi, rbx
    OPCODE(e, 0x48, 0xb8), imm64(e, (uintptr_t)fn);  // mov rax, fn
    OPCODE(e, 0xff, 0xd0);                          // call rax
    OPCODE(e, 0x83, 0xbb), imm32(e, CPU(stop));     // cmp dword [rbx+stop], 0
    OPCODE(e, 0x00);
    go_on = jump(e, JE);
    set_eax(e, pc + 1);
    leave_block(e);
    land(e, go_on);
}

static void
plain(struct emit *e, const struct dyn *d, const struct insn *i, uint32_t pc)
{
    switch (i->op) {
    case OP_MOVI:
        OPCODE(e, 0x48, 0xc7, 0x83), imm32(e, REG(i->a));
        imm32(e, i->imm);                           // mov qword [rbx+REG], imm
        break;
    case OP_MOV:
        load_rax(e, i->b), store_rax(e, i->a);
        break;
    case OP_ADDI:
        load_rax(e, i->a);
        OPCODE(e, 0x48, 0x05), imm32(e, i->imm);    // add rax, imm
        store_rax(e, i->a);
        break;
    case OP_SHL:
    case OP_SHR:
        load_rax(e, i->a);
        OPCODE(e, 0x48, 0xc1, i->op == OP_SHL ? 0xe0 : 0xe8,
               (unsigned char)(i->imm & 63));       // shl/shr rax, imm
        store_rax(e, i->a);
        break;
    case OP_LD:
        address(e, d, i);
        OPCODE(e, 0x49, 0x8b, 0x04, 0xc4);          // mov rax, [r12+rax*8]
        store_rax(e, i->a);
        break;
    case OP_ST:
        address(e, d, i);
        OPCODE(e, 0x48, 0x8b, 0x8b), imm32(e, REG(i->a));  // mov rcx, [rbx+REG]
        OPCODE(e, 0x49, 0x89, 0x0c, 0xc4);          // mov [r12+rax*8], rcx
        break;
    case OP_WAIT:
        address(e, d, i);
        OPCODE(e, 0xf3, 0x90);                      // again: pause
        OPCODE(e, 0x49, 0x83, 0x3c, 0xc4, 0x00);    // cmp qword [r12+rax*8], 0
        OPCODE(e, 0x74, 0xf7);                      // je again
        break;
    case OP_NATIVE:
        native(e, d, i, pc);
        break;
    default:
        arith(e, i);
    }
}

// Push a return address, if it fits.
static void
push_return(struct emit *e, uint32_t pc)
{
    uint32_t fits;

    OPCODE(e, 0x8b, 0x83), imm32(e, CPU(depth));    // mov eax, [rbx+depth]
    OPCODE(e, 0x3d), imm32(e, GUEST_DEPTH);         // cmp eax, GUEST_DEPTH
    fits = jump(e, JB);
    set_stop(e, STOP_OVERFLOW);
    set_eax(e, pc);
    leave_block(e);
    land(e, fits);
    OPCODE(e, 0xc7, 0x84, 0x83), imm32(e, CPU(ret));
    imm32(e, (int32_t)pc + 1);              // mov dword [rbx+rax*4+ret], pc+1
    OPCODE(e, 0x83, 0x83), imm32(e, CPU(depth));    // add dword [rbx+depth], 1
    OPCODE(e, 0x01);
}

static void
branch(struct emit *e, const struct insn *i, uint32_t pc)
{
    uint32_t taken, not_taken;

    load_rax(e, i->a);
    OPCODE(e, 0x48, 0x3b, 0x83), imm32(e, REG(i->b));  // cmp rax, [rbx+REG]
    taken = jump(e, i->op == OP_BEQ ? JE : i->op == OP_BNE ? JNE : JL);
    set_eax(e, pc + 1);
    not_taken = jump(e, JMP);
    land(e, taken);
    set_eax(e, (uint32_t)i->imm);
    land(e, not_taken);
}

// The end of a block: fuel, then eax = the next guest address, then chain.
static void
terminator(struct emit *e, const struct insn *i, uint32_t pc)
{
    uint32_t enough;

    OPCODE(e, 0x83, 0xab), imm32(e, CPU(fuel));     // sub dword [rbx+fuel], 1
    OPCODE(e, 0x01);
    enough = jump(e, JNS);
    set_stop(e, STOP_FUEL);
    set_eax(e, pc);
    leave_block(e);
    land(e, enough);
    switch (i->op) {
    case OP_JMP:
        set_eax(e, (uint32_t)i->imm);
        break;
    case OP_CALL:
        push_return(e, pc);
        set_eax(e, (uint32_t)i->imm);
        break;
    case OP_CALLR:
        push_return(e, pc);
        OPCODE(e, 0x8b, 0x83), imm32(e, REG(i->a));  // mov eax, [rbx+REG]
        break;
    case OP_RET:
        OPCODE(e, 0x8b, 0x83), imm32(e, CPU(depth));  // mov eax, [rbx+depth]
        OPCODE(e, 0x83, 0xe8, 0x01);                // sub eax, 1
        OPCODE(e, 0x89, 0x83), imm32(e, CPU(depth));  // mov [rbx+depth], eax
        OPCODE(e, 0x8b, 0x84, 0x83);            // mov eax, [rbx+rax*4+ret]
        imm32(e, CPU(ret));
        break;
    default:
        branch(e, i, pc);
    }
}

void
translate(struct dyn *d, struct block *b, uint32_t pc)
{
    struct emit e = {.base = b->code, .size = SLOT_SIZE};
    uint32_t end = pc + BLOCK_INSNS;
    const struct insn *code = d->guest->code;

    b->pc = pc;
    if (end > d->ncode)
        end = d->ncode;
    enter_block(&e, b);
    while (pc < end && code[pc].op < OP_JMP) {
        plain(&e, d, &code[pc], pc);
        pc++;
    }
    if (pc < end) {
        terminator(&e, &code[pc], pc);
        pc++;
    } else {
        set_eax(&e, pc);    // too long for one block, or the program ends
    }
    chain(&e, true);
    b->size = e.at;
    b->insns = pc - b->pc;
    d->stats.translated++;
}
