# SPDX-License-Identifier: MIT
# memory.awk -- the flat fixed sequential rows of build/bench/explorer.json, a
# line each, for chapter 8's figure.  Called by make record-bench-8.
BEGIN {
    print "# timelines per second, flat, fixed, one at a time;"
    print "# raw: fork, _exit, wait in the same process; one core of: " machine
    print "# memory     MB  timelines/s    raw/s"
}
/"flat fixed sequential"/ {
    gsub(/[{}",:]/, " ")
    for (i = 1; i < NF; i++)
        field[$i] = $(i + 1)
    printf "%-9s %5d  %11.0f  %7.0f\n", field["state"], field["mb"],
        field["per_second"], field["raw_per_second"]
}
