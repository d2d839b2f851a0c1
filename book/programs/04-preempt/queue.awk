# queue.awk -- is it round robin?  Of the queues that log-queue=on prints before
# each dispatch: is each the one before, without its first, and with who was
# running at the end?
/^ready_queue/ {
    gsub(/[^0-9 ]/, "")
    n = split($0, q, " ")
    if (seen++ && last_n == n) {
        ok = 1
        for (i = 1; i < n; i++) if (q[i] != last[i + 1]) ok = 0
        same += ok; pairs++
    }
    last_n = n
    for (i = 1; i <= n; i++) last[i] = q[i]
}
END { printf "%d queues of equal length in a row, %d rotated by one\n", pairs, same }
