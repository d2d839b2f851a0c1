// SPDX-License-Identifier: MIT
// console.h -- the serial line: the kernel's log and the programs' terminal.
#ifndef CONSOLE_H
#define CONSOLE_H

#include "base.h"

// `baud` > 0: let every character take as long as it takes on such a line,
// which an emulated UART does not do by itself.
void console_init(uint64_t baud);

// One character, at once; '\n' becomes "\r\n".
void console_putc(char c);

// The UART has received something.
void console_interrupt(void);

int64_t console_read(uint64_t to, size_t n, bool nonblock);
int64_t console_write(uint64_t from, size_t n);
int64_t console_ioctl(uint64_t request, uint64_t arg);
bool console_has_input(void);

#endif
