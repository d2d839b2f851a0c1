// SPDX-License-Identifier: MIT
// xtalk.h -- what the judges of the explorer's labs and their subjects say to
// each other.  A subject is a host program with the submission's part of
// libsplit in it; the judge outside gives it orders, and every timeline tells
// the judge what it sees.  Implemented by xsubject.c (visible) and xjudge.c.
//
// The words of a message are the sender's; its process number is the kernel's.
// Who waits for the judge after a message is alive while the judge looks at
// it in /proc.  Nobody waits for a time to pass.  Book: chapter 7.
#ifndef XTALK_H
#define XTALK_H

#include <stddef.h>
#include <stdint.h>

enum { X_FD = 3, X_NUMBERS = 14, X_TEXT = 160 };

// Subject to judge.  What `kind`, `n` and `text` mean is the lab's business.
struct x_event {
    int32_t kind;
    int32_t is_waiting;          // for the judge's answer
    int64_t n[X_NUMBERS];
    char text[X_TEXT];           // ended by a 0, always
};

// ---- in the subject (xsubject.c) -------------------------------------------

// Takes an order of the judge: a struct of the lab's own.  Ends the process
// when the judge has no more.
void x_hear(void *order, size_t size);
// Tells the judge; does not wait for it.  `text` may be NULL.  async-signal-
// safe, and leaves errno as it was.
void x_tell(int kind, const char *text, int n_numbers, const int64_t *n);
// The same, and waits until the judge has answered; its answer.
int64_t x_ask(int kind, const char *text, int n_numbers, const int64_t *n);

#define X_COUNT(...) (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t))
// X_TELL(kind, text, 1, 2, 3), one number at least.
#define X_TELL(kind, text, ...) \
    x_tell((kind), (text), X_COUNT(__VA_ARGS__), (int64_t[]){__VA_ARGS__})
#define X_ASK(kind, text, ...) \
    x_ask((kind), (text), X_COUNT(__VA_ARGS__), (int64_t[]){__VA_ARGS__})

#endif
