# timeline.cmd -- threads and a lock across a fork, from two recorded runs.
# uses: book/transcripts/05-atfork/timeline.out book/transcripts/05-atfork/handlers.out
# uses: book/figures/05-atfork/timeline.awk
awk -f book/figures/05-atfork/timeline.awk \
    book/transcripts/05-atfork/timeline.out \
    book/transcripts/05-atfork/handlers.out
