# SPDX-License-Identifier: MIT
# cost.awk -- of bench's lines the pages and, in instructions, fork and fork
# with exit and wait.  An instruction takes 32 units of the TSC in virtual time.
/^bench/ && $3 == 0 { print $2, int($4 / 32), int($5 / 32) }
