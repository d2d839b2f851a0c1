// SPDX-License-Identifier: MIT
// print.c -- formatted output for the log, panic, and C's string functions.
// The characters leave through console.c.
#include "base.h"
#include "boot.h"
#include "console.h"
#include "ksyms.h"
#include "proc.h"
#include "x86.h"

// Where formatted characters go: into buf, or to the console where that is
// NULL.
struct sink {
    char *buf;
    size_t size, len;
};

static void
put(struct sink *s, char c)
{
    if (s->buf == NULL)
        console_putc(c);
    else if (s->len + 1 < s->size)
        s->buf[s->len++] = c;
}

static void
put_number(struct sink *s, uint64_t value, unsigned base, bool negative,
           int width, char fill)
{
    char digits[24];
    int n = 0;
    do
        digits[n++] = "0123456789abcdef"[value % base];
    while ((value /= base) != 0);
    if (negative && fill == '0')
        put(s, '-');
    for (int i = n + negative; i < width; i++)
        put(s, fill);
    if (negative && fill != '0')
        put(s, '-');
    while (n > 0)
        put(s, digits[--n]);
}

// %d %u %x with l, %p, %s, %c, %%; a width, and 0 to fill with zeros.
static void
format(struct sink *s, const char *fmt, va_list ap)
{
    for (; *fmt != '\0'; fmt++) {
        if (*fmt != '%') {
            put(s, *fmt);
            continue;
        }
        char fill = *++fmt == '0' ? '0' : ' ';
        int width = 0;
        bool is_long = false;
        while (*fmt >= '0' && *fmt <= '9')
            width = width * 10 + *fmt++ - '0';
        for (; *fmt == 'l' || *fmt == 'z'; fmt++)
            is_long = true;
        if (*fmt == 'd') {
            int64_t v = is_long ? va_arg(ap, int64_t) : va_arg(ap, int);
            put_number(s, v < 0 ? -(uint64_t)v : (uint64_t)v, 10, v < 0,
                       width, fill);
        } else if (*fmt == 'u' || *fmt == 'x') {
            uint64_t v = is_long ? va_arg(ap, uint64_t)
                                 : va_arg(ap, unsigned);
            put_number(s, v, *fmt == 'u' ? 10 : 16, false, width, fill);
        } else if (*fmt == 'p') {
            put(s, '0');
            put(s, 'x');
            put_number(s, va_arg(ap, uint64_t), 16, false, 0, ' ');
        } else if (*fmt == 's') {
            const char *str = va_arg(ap, const char *);
            int n = 0;
            for (; str[n] != '\0'; n++)
                put(s, str[n]);
            for (; n < width; n++)
                put(s, ' ');
        } else if (*fmt == 'c') {
            put(s, (char)va_arg(ap, int));
        } else {
            put(s, '%');
        }
    }
}

size_t
ksnprintf(char *buf, size_t size, const char *fmt, ...)
{
    struct sink s = { buf, size, 0 };
    va_list ap;
    va_start(ap, fmt);
    format(&s, fmt, ap);
    va_end(ap);
    buf[s.len] = '\0';
    return s.len;
}

void
kprintf(const char *fmt, ...)
{
    struct sink s = { NULL, 0, 0 };
    va_list ap;
    va_start(ap, fmt);
    format(&s, fmt, ap);
    va_end(ap);
}

void
klog(const char *fmt, ...)
{
    struct sink s = { NULL, 0, 0 };
    va_list ap;
    kprintf("kernel: ");
    va_start(ap, fmt);
    format(&s, fmt, ap);
    va_end(ap);
    kprintf("\n");
}

static _Noreturn void
vpanic(uint64_t rbp, const char *fmt, va_list ap)
{
    static bool again;
    struct sink s = { NULL, 0, 0 };
    cli();
    if (again)
        machine_off(EXIT_PANIC);
    again = true;
    kprintf("kernel: panic: ");
    format(&s, fmt, ap);
    if (current != NULL)
        kprintf("; in process %d (%s)", current->pid, current->name);
    kprintf("\n");
    backtrace(rbp);
    machine_off(EXIT_PANIC);
}

_Noreturn void
panic(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vpanic((uint64_t)__builtin_frame_address(0), fmt, ap);
}

_Noreturn void
panic_at(uint64_t rbp, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vpanic(rbp, fmt, ap);
}

// GCC calls these four by itself, so they may not be turned into calls of
// themselves: string instructions say exactly what is meant.
void *
memset(void *to, int c, size_t n)
{
    void *at = to;
    uint64_t word = (uint8_t)c * 0x0101010101010101UL;
    size_t words = n / 8, rest = n % 8;
    __asm__ volatile("rep stosq" : "+D"(at), "+c"(words) : "a"(word)
                     : "memory");
    __asm__ volatile("rep stosb" : "+D"(at), "+c"(rest) : "a"(word)
                     : "memory");
    return to;
}

void *
memcpy(void *to, const void *from, size_t n)
{
    void *at = to;
    size_t words = n / 8, rest = n % 8;
    __asm__ volatile("rep movsq" : "+D"(at), "+S"(from), "+c"(words)
                     : : "memory");
    __asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(rest)
                     : : "memory");
    return to;
}

void *
memmove(void *to, const void *from, size_t n)
{
    char *d = to;
    const char *s = from;
    if (d <= s || d >= s + n)
        return memcpy(to, from, n);
    while (n-- > 0) {
        d[n] = s[n];
        __asm__ volatile("" : : : "memory");
    }
    return to;
}

int
memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *p = a, *q = b;
    for (; n > 0; n--, p++, q++)
        if (*p != *q)
            return *p - *q;
    return 0;
}

size_t
strlen(const char *s)
{
    size_t n = 0;
    while (s[n] != '\0')
        n++;
    return n;
}

int
strcmp(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b)
        a++, b++;
    return (unsigned char)*a - (unsigned char)*b;
}

int
strncmp(const char *a, const char *b, size_t n)
{
    for (; n > 0 && *a != '\0' && *a == *b; n--)
        a++, b++;
    return n == 0 ? 0 : (unsigned char)*a - (unsigned char)*b;
}

void
copy_string(char *to, const char *from, size_t size)
{
    size_t n = min_u64(strlen(from), size - 1);
    memcpy(to, from, n);
    to[n] = '\0';
}

uint64_t
parse_number(const char *s)
{
    unsigned base = s[0] == '0' && s[1] == 'x' ? 16 : 10;
    uint64_t value = 0;
    for (s += base == 16 ? 2 : 0;; s++) {
        unsigned digit = *s >= '0' && *s <= '9' ? (unsigned)(*s - '0')
                       : *s >= 'a' && *s <= 'f' ? (unsigned)(*s - 'a' + 10)
                       : 99;
        if (digit >= base)
            return value;
        value = value * base + digit;
    }
}
