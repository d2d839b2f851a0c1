#!/bin/sh
# SPDX-License-Identifier: MIT
# experiment.sh -- one of chapter 4's experiments, as make experiment-4-N does
# it: the question first, then (on a terminal: after Enter) the run.  From the
# top directory; the commands are those of book/transcripts/04-preempt/N-*.cmd.
set -eu
n=$1
here=book/programs/04-preempt
cmd=
for f in book/transcripts/04-preempt/"$n"-*.cmd; do
    [ ! -e "$f" ] || cmd=$f
done
[ -n "$cmd" ] || {
    echo "There is no experiment $n. There are:" >&2
    sed 's/^\([0-9]*\): /\n  make experiment-4-\1\n/' $here/questions |
        fold -s -w 76 | sed '/^  make/!s/^\(.\)/    \1/' >&2
    exit 64
}
for tool in $(sed -n 's/^# needs: //p' "$cmd"); do
    command -v "$tool" >/dev/null || {
        echo "Experiment $n needs $tool, which is not here; see make doctor." >&2
        exit 69
    }
done
scratch=$(mktemp -d "${TMPDIR:-/tmp}/experiment.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
cp -R $here/. "$scratch"
for file in $(sed -n 's/^# uses: //p' "$cmd"); do
    cp "$file" "$scratch"
done
grep -v '^#' "$cmd" >"$scratch/commands"
sed -n "s/^$n: //p" $here/questions | fold -s -w 78
if [ -t 0 ]; then
    printf '\nWrite your answer down. Then press Enter. '
    read -r _ || :
fi
cd "$scratch"
# A command may go on in the next lines, as the transcripts' do.
command=
while IFS= read -r line; do
    command=$command$line
    case $line in
    *'\' | *'|')
        command="$command
"
        continue ;;
    esac
    sh -n -c "$command" 2>/dev/null || {
        command="$command
"
        continue
    }
    printf '\n$ %s\n' "$command"
    sh -c "$command" </dev/null
    command=
done <commands
