// SPDX-License-Identifier: MIT
// clock.c -- the PIT (8254), the two interrupt controllers (8259) and the
// TSC.  Each tick goes to preempt.c.  Book: chapter 4.
#include "boot.h"
#include "clock.h"
#include "preempt.h"
#include "trace.h"
#include "x86.h"

#define PIT_HZ 1193182UL
#define PIT_0 0x40
#define PIT_2 0x42
#define PIT_MODE 0x43
#define PORT_B 0x61         // gate and output of channel 2
#define PIC1 0x20
#define PIC2 0xa0
#define PIC_EOI 0x20
#define CALIBRATION_MS 10UL

uint64_t clock_ticks, clock_period, clock_tsc_per_us;
static uint64_t tsc_at_boot;
static uint64_t interrupts_per_tick, interrupts;
static uint64_t limit_ms;       // option limit=: a run may not take longer

int
pit_set(uint64_t divisor)
{
    if (divisor == 0 || divisor > 65536)
        return -ERANGE;
    outb(PIT_MODE, 0x34);       // channel 0, low then high byte, mode 2
    outb(PIT_0, divisor & 0xff);
    outb(PIT_0, divisor >> 8 & 0xff);
    return 0;
}

// Count TSC units while channel 2 counts down, with nobody interrupting.
static uint64_t
tsc_per_us(void)
{
    uint16_t count = PIT_HZ * CALIBRATION_MS / 1000;
    outb(PORT_B, (inb(PORT_B) & ~2) | 1);
    outb(PIT_MODE, 0xb0);       // channel 2, mode 0
    outb(PIT_2, count & 0xff);
    outb(PIT_2, count >> 8);
    uint64_t start = rdtsc();
    while (!(inb(PORT_B) & 0x20))
        ;
    uint64_t us = CALIBRATION_MS * 1000;
    return (rdtsc() - start + us / 2) / us;
}

static void
pic_init(void)
{
    outb(PIC1, 0x11);           // initialise: vector base, wiring, 8086 mode
    outb(PIC1 + 1, VEC_IRQ0);
    outb(PIC1 + 1, 4);
    outb(PIC1 + 1, 1);
    outb(PIC2, 0x11);
    outb(PIC2 + 1, VEC_IRQ0 + 8);
    outb(PIC2 + 1, 2);
    outb(PIC2 + 1, 1);
    outb(PIC1 + 1, 0xff & ~(1 << 0 | 1 << 4));     // timer and console only
    outb(PIC2 + 1, 0xff);
}

void
clock_init(uint64_t hz)
{
    pic_init();
    clock_tsc_per_us = tsc_per_us();
    if (clock_tsc_per_us == 0)
        clock_tsc_per_us = 1;
    tsc_at_boot = rdtsc();
    limit_ms = boot_option("limit", 0);
    if (hz == 0 || hz > 10000) {
        klog("clock: hz=%lu is not between 1 and 10000; taking 100", hz);
        hz = 100;
    }
    // Where the PIT cannot go as slow as asked, count in software.
    interrupts_per_tick = 1;
    while (pit_set(PIT_HZ / (hz * interrupts_per_tick)) < 0)
        interrupts_per_tick++;
    clock_period = clock_tsc_per_us * 1000000 / hz;
    // Or what a kernel that does not look at the limit programs.
    uint64_t divisor = boot_option("pit", 0);
    if (divisor != 0 && clock_set(divisor) < 0)
        klog("clock: pit=%lu is not between 1 and 65536", divisor);
}

int
clock_set(uint64_t divisor)
{
    if (pit_set(divisor) < 0)
        return -ERANGE;
    interrupts_per_tick = 1;
    clock_period = clock_tsc_per_us * 1000000 * divisor / PIT_HZ;
    return 0;
}

void
clock_mask(void)
{
    outb(PIC1 + 1, inb(PIC1 + 1) | 1);
}

uint8_t
clock_waiting(void)
{
    outb(PIC1, 0x0a);           // the next read gives the request register
    return inb(PIC1);
}

void
clock_interrupt(bool user)
{
    outb(PIC1, PIC_EOI);
    if (limit_ms != 0 && clock_us() / 1000 >= limit_ms) {
        trace_print();
        klog("%lu ms are over", limit_ms);
        machine_off(EXIT_LIMIT);
    }
    wake_sleepers(rdtsc());
    if (++interrupts % interrupts_per_tick != 0)
        return;
    clock_ticks++;
    preempt_tick(user);
}

uint64_t
clock_us(void)
{
    return (rdtsc() - tsc_at_boot) / clock_tsc_per_us;
}
