# SPDX-License-Identifier: MIT
# prices.awk -- what /bin/prices printed, eager and lazy, as a table in
# instructions: lines of `off' or `on', question, amount, create, rest, a write.
{
    key = $2 " " $3
    if (!(key in seen)) {
        order[n++] = key
        seen[key] = 1
    }
    create[$1, key] = $4 / 32
    rest[$1, key] = $5 / 32
    write[$1, key] = $6 / 32
}
END {
    printf "%-24s %19s %19s %13s\n", "instructions", "create", "exit and wait",
        "each write"
    printf "%-24s %9s %9s %9s %9s %6s %6s\n", "", "eager", "lazy", "eager",
        "lazy", "eager", "lazy"
    for (i = 0; i < n; i++) {
        k = order[i]
        printf "%-24s %9d %9d %9d %9d", k, create["off", k], create["on", k],
            rest["off", k], rest["on", k]
        if (write["on", k] > 0)
            printf " %6d %6d", write["off", k], write["on", k]
        printf "\n"
    }
}
