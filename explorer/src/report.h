// SPDX-License-Identifier: MIT
// report.h -- statistics, progress, and the last word of sanitizers.
// Implemented by report.c, used by run.c and replay.c.  Book: chapter 9.
#ifndef SPLIT_REPORT_H
#define SPLIT_REPORT_H

#include "world.h"

void report_stats(struct world *w);          // a line of JSON to stats_fd
void report_progress(struct world *w);       // at most five times a second
void report_progress_end(struct world *w);
// A sanitizer's report in this process, and its descendants, is a finding.
void report_install(struct world *w);

#endif
