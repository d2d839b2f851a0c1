// SPDX-License-Identifier: MIT
// boot.h -- what the loader tells us, and how the machine is switched off.
#ifndef BOOT_H
#define BOOT_H

#include "base.h"

// What goes to the debug-exit device of QEMU, whose own exit status is then
// twice this plus one: 33, 35, 37, 39.
#define EXIT_OK 0x10
#define EXIT_FAILED 0x11
#define EXIT_PANIC 0x12
#define EXIT_LIMIT 0x13

struct boot_range {
    uint64_t start, end;
};

struct boot_info {
    char options[1024];               // the command line
    struct boot_range archive;        // the initial archive; empty if none
    struct boot_range memory[16];     // usable, page-aligned
    int memories;
};
extern struct boot_info boot_info;

// Read what the loader left: `magic` tells which one it was.
void boot_read(uint32_t magic, uint64_t info);

// The value of option `name=` on the command line, as a number.
uint64_t boot_option(const char *name, uint64_t otherwise);

// Is the option `name=` there with exactly this value?
bool boot_option_is(const char *name, const char *value);

// The part after " -- ", init's arguments; "" if there is none.
const char *boot_arguments(void);

// Without init there is nothing to do: say so, and machine_off().  Nothing of
// init has been given back yet.
_Noreturn void init_ended(int status);

// End of the run.  Under QEMU and Bochs the emulator exits.
_Noreturn void machine_off(int code);

#endif
