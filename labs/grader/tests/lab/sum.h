// SPDX-License-Identifier: MIT
// sum.h -- what a submission of the made-up lab defines.
int sum(int a, int b);
