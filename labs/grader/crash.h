// SPDX-License-Identifier: MIT
// crash.h -- where a submission crashed.
// crash.o is linked into a submission's program; crash_place(), in libjudge,
// reads what it printed.
#ifndef CRASH_H
#define CRASH_H

// The line that crash.o prints on stderr: CRASH_MARK, then the addresses of
// the call chain in hexadecimal, innermost first.
#define CRASH_MARK "crash.o: "

// From the output of a program, the place in the student's source, in words:
// "supervise.c:42, in supervise()"; NULL if it left none.  `built` is the
// directory that holds the program.  The answer is a hint for a person: the
// program itself printed it, and might have lied.  The caller frees it.
char *crash_place(const char *output, const char *built);

// The output without such lines, to be shown to people.  The caller frees it.
char *crash_strip(const char *output);

#endif
