// SPDX-License-Identifier: MIT
// rt.c -- the small C library of the user programs; see rt.h.
#include "rt.h"

char **environ;
static int checks, failures;
void restorer(void);

_Noreturn void
sys_exit(int code)
{
    for (;;)
        call6(SYS_exit_group, code, 0, 0, 0, 0, 0);
}

long
set_handler(int sig, void (*handler)(int), unsigned flags)
{
    struct sigaction a = { .handler = (uint64_t)handler,
                           .flags = flags | SA_RESTORER,
                           .restorer = (uint64_t)restorer };
    return call6(SYS_rt_sigaction, sig, (long)&a, 0, 8, 0, 0);
}

void
sleep_ms(long ms)
{
    struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
    call6(SYS_nanosleep, (long)&t, 0, 0, 0, 0, 0);
}

int
wait_for(long pid)
{
    int status = -1;
    long got = sys_wait4((int)pid, &status, 0);
    return got < 0 ? (int)got : status;
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

char *
strchr(const char *s, int c)
{
    for (; *s != '\0'; s++)
        if (*s == (char)c)
            return (char *)s;
    return NULL;
}

void *
memset(void *to, int c, size_t n)
{
    void *at = to;
    __asm__ volatile("rep stosb" : "+D"(at), "+c"(n) : "a"(c) : "memory");
    return to;
}

void *
memcpy(void *to, const void *from, size_t n)
{
    void *at = to;
    __asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(n)
                     : : "memory");
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

long
atol(const char *s)
{
    long sign = *s == '-' ? -1 : 1, value = 0;
    for (s += *s == '-'; *s >= '0' && *s <= '9'; s++)
        value = value * 10 + *s - '0';
    return sign * value;
}

struct out {
    char buf[512];
    size_t len;
};

static void
put(struct out *o, char c)
{
    if (o->len < sizeof(o->buf))
        o->buf[o->len++] = c;
}

static void
put_number(struct out *o, unsigned long v, unsigned base, bool minus,
           int width)
{
    char digits[24];
    int n = 0;
    do
        digits[n++] = "0123456789abcdef"[v % base];
    while ((v /= base) != 0);
    if (minus)
        digits[n++] = '-';
    for (int i = n; i < width; i++)
        put(o, ' ');
    while (n > 0)
        put(o, digits[--n]);
}

static void
format(struct out *o, const char *fmt, va_list ap)
{
    for (; *fmt != '\0'; fmt++) {
        if (*fmt != '%') {
            put(o, *fmt);
            continue;
        }
        int width = 0;
        bool is_long = false;
        for (fmt++; *fmt >= '0' && *fmt <= '9'; fmt++)
            width = width * 10 + *fmt - '0';
        for (; *fmt == 'l'; fmt++)
            is_long = true;
        if (*fmt == 'd') {
            long v = is_long ? va_arg(ap, long) : va_arg(ap, int);
            put_number(o, v < 0 ? -(unsigned long)v : (unsigned long)v, 10,
                       v < 0, width);
        } else if (*fmt == 'u' || *fmt == 'x') {
            unsigned long v = is_long ? va_arg(ap, unsigned long)
                                      : va_arg(ap, unsigned);
            put_number(o, v, *fmt == 'u' ? 10 : 16, false, width);
        } else if (*fmt == 's') {
            const char *s = va_arg(ap, const char *);
            int n = (int)strlen(s);
            for (int i = 0; i < n; i++)
                put(o, s[i]);
            for (; n < width; n++)
                put(o, ' ');
        } else if (*fmt == 'c') {
            put(o, (char)va_arg(ap, int));
        } else {
            put(o, '%');
        }
    }
}

void
print(const char *fmt, ...)
{
    struct out o = { .len = 0 };
    va_list ap;
    va_start(ap, fmt);
    format(&o, fmt, ap);
    va_end(ap);
    sys_write(1, o.buf, o.len);
}

void
check(bool ok, const char *what)
{
    failures += !ok;
    print("%sok %d - %s\n", ok ? "" : "not ", ++checks, what);
}

void
check_eq(long got, long want, const char *what)
{
    check(got == want, what);
    if (got != want)
        print("# got %ld, expected %ld\n", got, want);
}

int
plan(void)
{
    print("1..%d\n", checks);
    return failures > 0;
}

uint64_t
rng_next(struct rng *r)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}
