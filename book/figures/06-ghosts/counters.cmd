# SPDX-License-Identifier: MIT
# counters.cmd -- the counters of a parent and its child as squares, drawn from
# the recorded run `counters`.
# uses: book/transcripts/06-ghosts/counters.out
awk '
/Measured in_used: parent/ { who = 1 }
/Measured in_used: child/ { who = 2 }
/\| hot_compute/ && who { row[who, ++n[who]] = $2; count[who, n[who]] = $4 }
/held besides/ && who {
    sub(/.*besides: /, "")
    k = split($0, part, ", ")
    for (i = 1; i <= k; i++) {
        split(part[i], pair, "=")
        row[who, ++n[who]] = pair[1]
        count[who, n[who]] = pair[2]
        main[who, n[who]] = 1
    }
}
END {
    print "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"330\" height=\"" \
        56 + 30 * n[1] "\" viewBox=\"0 0 330 " 56 + 30 * n[1] \
        "\" font-family=\"sans-serif\" font-size=\"13\">"
    for (w = 1; w <= 2; w++) {
        x = w == 1 ? 124 : 236
        print "<text x=\"" x "\" y=\"24\" font-weight=\"bold\">" \
            (w == 1 ? "the parent" : "the child") "</text>"
        for (i = 1; i <= n[w]; i++) {
            y = 40 + 30 * i
            if (w == 1)
                print "<text x=\"2\" y=\"" y "\">" row[w, i] "</text>"
            for (k = 0; k < count[w, i]; k++) {
                ghost = w == 2 && !main[w, i]
                fill = main[w, i] ? "#1b7f4b" : "#0b62a4"
                printf "<rect x=\"%d\" y=\"%d\" width=\"18\" height=\"18\" ", \
                    x + 24 * k, y - 14
                if (ghost)
                    print "fill=\"#fbe0d0\" stroke=\"#b5460f\" " \
                        "stroke-width=\"1.5\" stroke-dasharray=\"4 3\"/>"
                else
                    print "fill=\"" fill "\"/>"
            }
            print "<text x=\"" x + 24 * count[w, i] + 8 "\" y=\"" y "\">" \
                count[w, i] "</text>"
        }
    }
    print "</svg>"
}' book/transcripts/06-ghosts/counters.out
