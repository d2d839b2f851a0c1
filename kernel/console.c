// SPDX-License-Identifier: MIT
// console.c -- the UART (16550) and a terminal on it: lines, erase, ^C, ^D.
#include "clock.h"
#include "console.h"
#include "proc.h"
#include "signal.h"
#include "x86.h"

#define UART 0x3f8
#define UART_IER 1
#define UART_FCR 2
#define UART_LCR 3
#define UART_MCR 4
#define UART_LSR 5
#define LSR_DATA 1
#define LSR_EMPTY 0x20
#define BITS_PER_CHARACTER 10UL
#define PIC1 0x20
#define PIC_EOI 0x20

#define INPUT_SIZE 1024
#define CTRL(c) ((c) & 0x1f)
#define DELETE 0x7f

// What was typed: [tail, done) can be read, [done, head) is a line that is
// still being edited.
static char input[INPUT_SIZE];
static uint64_t head, done, tail;
static bool end_of_file;        // ^D on an empty line
static int foreground = 0;      // process group that gets ^C
static uint64_t char_time;      // on the line, in TSC units

static struct termios term = {
    .iflag = ICRNL, .oflag = OPOST | ONLCR, .cflag = 0xbf,
    .lflag = ISIG | ICANON | ECHO,
    .cc = { CTRL('c'), CTRL('\\'), DELETE, CTRL('u'), CTRL('d'), 0, 1 },
};

void
console_init(uint64_t baud)
{
    outb(UART + UART_IER, 0);
    outb(UART + UART_LCR, 0x80);    // divisor 1: 115200 baud
    outb(UART, 1);
    outb(UART + UART_IER, 0);
    outb(UART + UART_LCR, 3);       // 8 bits, no parity, one stop bit
    outb(UART + UART_FCR, 7);
    outb(UART + UART_MCR, 0x0b);
    outb(UART + UART_IER, 1);       // an interrupt for what comes in
    char_time = baud == 0 ? 0 : clock_tsc_per_us * 1000000
                                * BITS_PER_CHARACTER / baud;
}

static void
send(char c)
{
    while (!(inb(UART + UART_LSR) & LSR_EMPTY))
        ;
    outb(UART, (uint8_t)c);
    uint64_t start = rdtsc();
    while (char_time > 0 && rdtsc() - start < char_time)
        ;
}

void
console_putc(char c)
{
    if (c == '\n')
        send('\r');
    send(c);
}

// ---- input ----------------------------------------------------------------

static void
echo(char c)
{
    if (term.lflag & ECHO)
        console_putc(c);
}

static void
erase(void)
{
    if (head == done)
        return;
    head--;
    echo('\b');
    echo(' ');
    echo('\b');
}

static void
typed(char c)
{
    if (c == '\r' && (term.iflag & ICRNL))
        c = '\n';
    if ((term.lflag & ISIG) && c == CTRL('c')) {
        echo('^');
        echo('C');
        echo('\n');
        head = done;
        if (foreground > 0)
            signal_group(foreground, SIGINT);
        return;
    }
    if ((term.lflag & ICANON) && (c == DELETE || c == '\b')) {
        erase();
        return;
    }
    if ((term.lflag & ICANON) && c == CTRL('d')) {
        end_of_file = head == done;
        done = head;
        wakeup(input);
        return;
    }
    if (head - tail == INPUT_SIZE)
        return;
    input[head++ % INPUT_SIZE] = c;
    echo(c);
    if (c == '\n' || !(term.lflag & ICANON)) {
        done = head;
        wakeup(input);
    }
}

void
console_interrupt(void)
{
    outb(PIC1, PIC_EOI);
    while (inb(UART + UART_LSR) & LSR_DATA)
        typed((char)inb(UART));
}

bool
console_has_input(void)
{
    return tail < done || end_of_file;
}

int64_t
console_read(uint64_t to, size_t n, bool nonblock)
{
    size_t got = 0;
    if (n == 0)
        return 0;
    while (!console_has_input()) {
        if (nonblock)
            return -EAGAIN;
        int error = sleep_on(input);
        if (error < 0)
            return error;
    }
    end_of_file = false;
    while (got < n && tail < done) {
        char c = input[tail % INPUT_SIZE];
        if (copy_out(to + got, &c, 1) < 0)
            return got > 0 ? (int64_t)got : -EFAULT;
        tail++;
        got++;
        if (c == '\n' && (term.lflag & ICANON))
            break;
    }
    return (int64_t)got;
}

int64_t
console_write(uint64_t from, size_t n)
{
    char buf[128];
    for (size_t sent = 0, step; sent < n; sent += step) {
        step = min_u64(n - sent, sizeof(buf));
        if (copy_in(buf, from + sent, step) < 0)
            return sent > 0 ? (int64_t)sent : -EFAULT;
        for (size_t i = 0; i < step; i++)
            (term.oflag & ONLCR ? console_putc : send)(buf[i]);
    }
    return (int64_t)n;
}

int64_t
console_ioctl(uint64_t request, uint64_t arg)
{
    struct winsize size = { 24, 80, 0, 0 };
    int32_t group = foreground;
    switch (request) {
    case TCGETS:
        return copy_out(arg, &term, sizeof(term));
    case TCSETS:
    case TCSETSW:
    case TCSETSF:
        return copy_in(&term, arg, sizeof(term));
    case TIOCGPGRP:
        return copy_out(arg, &group, sizeof(group));
    case TIOCSPGRP:
        if (copy_in(&group, arg, sizeof(group)) < 0)
            return -EFAULT;
        foreground = group;
        return 0;
    case TIOCGWINSZ:
        return copy_out(arg, &size, sizeof(size));
    }
    return -ENOTTY;
}
