# SPDX-License-Identifier: MIT
# rows.awk -- a part of bench-fork's table: awk -f rows.awk of=REGEX [at=REGEX]
# fork.txt, where `of' finds the part's title, and `at' the ends of names.  Core
# time and its parts, in microseconds, and page faults.
/^(fork|other)/ && /,/ { inside = $0 ~ of; next }
/^$/ { inside = 0 }
inside && $1 == "core" && !head++ {
    printf "%-28s %9s %9s %9s %7s %6s %6s\n", "", "core", "create", "exit",
        "reap", "parent", "child"
}
inside && NF > 7 && $1 ~ "/" && $1 ~ "/(" (at ? at : ".*") ")$" {
    printf "%-28s %9.1f %9.1f %9.1f %7.1f %6d %6d\n", $1, $2, $5, $6, $7, $8, $9
}
