# SPDX-License-Identifier: MIT
# many.sh -- sourced by `steady` and `odds`, whose arguments begin with
# labs/NN-name COUNT: the places of that lab, and a grading that is done COUNT
# times, the second half of them while three busy loops compete with it.
lab=$1
count=$2
name=${lab#labs/}
number=${name%%-*}
number=${number#0}
out=build/check/$(basename "$0")-$number
rm -rf "$out"
mkdir -p "$out"
busy=
trap 'for p in $busy; do kill "$p" 2>/dev/null || :; done' EXIT
trap 'exit 143' HUP INT TERM       # dash runs no EXIT trap for a signal

# grade OUT ARG...: one grading into OUT, its text in OUT.text.
grade() {
    to=$1
    shift
    build/labs/grader/grader --lab "$lab" --own "build/lab-$number" \
        --out "$to" "$@" >"$to.text" 2>&1 || :
}

# verdict HOW DIR: the verdicts of a grading, a line each.
verdict() {
    build/labs/grader/lab-99/verdict "$1" "$2/results.json"
}

# many COMMAND ARG...: calls COMMAND ARG... I for I = 0, 1, ... COUNT - 1.
many() {
    i=0
    while [ "$i" -lt "$count" ]; do
        if [ "$i" -eq $((count / 2)) ]; then
            for _ in 1 2 3; do
                sh -c 'while :; do :; done' &
                busy="$busy $!"
            done
        fi
        "$@" "$i"
        i=$((i + 1))
    done
    for p in $busy; do kill "$p" 2>/dev/null || :; done
    busy=
}
