# SPDX-License-Identifier: MIT
# rows.awk -- a part of bench-fork's table: awk -f rows.awk group=REGEX
# [only=REGEX] fork.txt.  Core time and its parts, in microseconds, and faults.
/^(fork|other)/ && /,/ { inside = $0 ~ group; next }
/^$/ { inside = 0 }
inside && $1 == "core" && !head++ {
    printf "%-28s %9s %9s %9s %7s %6s %6s\n", "", "core", "create", "exit",
        "reap", "parent", "child"
}
inside && NF > 7 && $1 ~ "/" && $1 ~ only {
    printf "%-28s %9.1f %9.1f %9.1f %7.1f %6d %6d\n", $1, $2, $5, $6, $7, $8, $9
}
