// SPDX-License-Identifier: MIT
// base.h -- what every file uses: integer types, strings, the log, panic.
#ifndef BASE_H
#define BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "abi.h"
#include "layout.h"

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))
#define ROUND_UP(x, n) (((x) + (n) - 1) & ~((uint64_t)(n) - 1))
#define ROUND_DOWN(x, n) ((x) & ~((uint64_t)(n) - 1))

#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

// Write one line to the console: "kernel: ", the text, a newline.
void klog(const char *fmt, ...) PRINTF_LIKE(1, 2);

// As klog, without prefix and newline.
void kprintf(const char *fmt, ...) PRINTF_LIKE(1, 2);

// Format into buf, always terminated.  Returns the length, at most size - 1.
size_t ksnprintf(char *buf, size_t size, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

// The kernel found a bug of its own: say which, where and who ran, with a
// backtrace, and stop the machine.  No program may be able to cause this.
_Noreturn void panic(const char *fmt, ...) PRINTF_LIKE(1, 2);

// The same, with the backtrace of the frame pointer rbp.
_Noreturn void panic_at(uint64_t rbp, const char *fmt, ...) PRINTF_LIKE(2, 3);

#define assert(cond) \
    ((cond) ? (void)0 : \
     panic("%s:%d: %s: not so: %s", __FILE__, __LINE__, __func__, #cond))

void *memset(void *to, int c, size_t n);
void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);

// Copy at most size - 1 characters and terminate.
void copy_string(char *to, const char *from, size_t size);

// The number at s, decimal or 0x...; stops at the first character that is
// no digit.
uint64_t parse_number(const char *s);

static inline uint64_t
min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

#endif
