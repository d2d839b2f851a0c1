#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh -- the suite `kernel`: boots the kernel once for each test program,
# on virtual time, and turns what comes over the serial line into one TAP
# stream.  run.sh NAME... runs only these.  The logs stay in
# build/kernel/test/.
set -eu
out=build/kernel/test
mkdir -p "$out"
count=0
top=$PWD
busybox=/usr/bin/busybox
busy=
# dash runs no EXIT trap for a signal.
trap '[ -z "$busy" ] || kill "$busy" 2>/dev/null || :' EXIT
trap 'exit 143' HUP INT TERM

# What is run on the host, to compare with, works in /tmp under names of its own:
# one suite at a time, and nothing there that a suite left which was killed.
on_host() {     # on_host COMMAND...
    (
        flock 9
        rm -rf /tmp/twice-errno /tmp/twice-dir /tmp/twice-t
        cd /tmp && "$@" 9<&-
    ) 9</tmp </dev/null
}

ok() {          # ok TEXT
    count=$((count + 1))
    echo "ok $count - $1"
}

not_ok() {      # not_ok TEXT FILE: with the end of FILE
    count=$((count + 1))
    echo "not ok $count - $1"
    tail -n 15 "$2" | sed 's/^/# /'
}

skip() {        # skip TEXT REASON
    count=$((count + 1))
    echo "ok $count - $1 # SKIP $2"
}

# boot NAME OPTIONS [QEMU.SH'S OWN OPTIONS]: the log, without carriage returns,
# in $out/NAME.log, and the exit status in $status.
boot() {
    name=$1
    options=$2
    shift 2
    status=0
    kernel/qemu.sh -t -m 32 "$@" -- "$options" </dev/null >"$out/$name.raw" \
        2>"$out/$name.err" || status=$?
    tr -d '\r' <"$out/$name.raw" >"$out/$name.log"
}

# The TAP lines of a log, renumbered, and the program's own end.
program() {     # program NAME OPTIONS...: as boot
    boot "$@"
    grep -aE '^(ok|not ok) |^# ' "$out/$1.log" >"$out/$1.tap" || :
    awk -v count="$count" -v name="$1" '
    /^(not )?ok / {
        sub(/ok [0-9]+ - /, "ok " ++count " - " name ": ")
    }
    { print }' "$out/$1.tap"
    ran=$(grep -acE '^(ok|not ok) ' "$out/$1.tap" || :)
    count=$((count + ran))
    if [ "$status" -le 1 ] && grep -aqx "1\.\.$ran" "$out/$1.log"; then
        ok "$1: ran to its end"
    else
        not_ok "$1: ran to its end (exit status $status)" "$out/$1.log"
    fi
}

has() {         # has TEXT NAME PATTERN: a line of the log of NAME
    if grep -aqE "$3" "$out/$2.log"; then
        ok "$2: $1"
    else
        not_ok "$2: $1" "$out/$2.log"
    fi
}

test_fork() { program fork "probe=on -- /bin/test-fork"; }
test_eager() { program eager "probe=on cow=off -- /bin/test-fork"; }
test_cow() { program cow "probe=on -- /bin/test-cow"; }
test_pipe() { program pipe "probe=on -- /bin/test-pipe"; }
test_signal() { program signal "probe=on -- /bin/test-signal"; }
test_memory() {
    program table-full "probe=on -- /bin/test-memory 11"
    program memory-gone "probe=on cow=off -- /bin/test-memory 12"
    program memory-gone-cow "probe=on -- /bin/test-memory 12" -m 10
}
test_sched() {
    program sched "probe=on -- /bin/test-sched"
    program sched-1000hz "probe=on hz=1000 -- /bin/test-sched"
    # So slow that the timer cannot do it: counted in software.
    program sched-10hz "probe=on hz=10 -- /bin/test-sched 4000"
}
test_bomb() { program bomb "probe=on -- /bin/test-bomb"; }
test_fuzz() {
    program fuzz-1 "probe=on -- /bin/fuzz 1 4000"
    program fuzz-2 "probe=on -- /bin/fuzz 2 4000 fail"
}

test_fuzz_long() {
    for seed in $(seq 1 "${FUZZ_SEEDS:-100}"); do
        TIMEOUT=600 program "fuzz-$seed" \
            "probe=on -- /bin/fuzz $seed ${FUZZ_CALLS:-100000}"
    done
}

# What chapter 4 measures with: D = path and a little more, in the trace; a tick
# that waits at IRETQ; progress all the same; options that are refused.
test_trace() {
    boot trace "hz=50 path=25000 slow-who=forked trace=print trace-calls=off -- /bin/fork-test 20000"
    has "the report's addresses" trace '^trace: [0-9]+ fork 2 0x10000018 3$'
    has "a tick waits when the dispatch ends" trace \
        '^trace: [0-9]+ return 3 0x100000.. 1$'
    has "the child makes progress" trace 'counted to 20000, the child to [1-9]'
    if awk '$3 == "enter" && $6 == 32 { tick = $2 } $3 == "switch" { new = 1 }
        $3 == "return" && new && $4 == 3 { d = ($2 - tick) / 1000; n++
            if (d < 25000 || d > 25200) bad = d }
        $3 == "return" { new = 0 }
        END { print bad; exit !(n > 2 && !bad) }' "$out/trace.log" \
        >"$out/trace.awk"; then
        ok "trace: a dispatch takes as long as path= says, and a little more"
    else
        not_ok "trace: a dispatch takes as long as path= says" "$out/trace.awk"
    fi
    boot trace-options "hz=50 pit=65537 flush=so slow-who=me log=1 -- /bin/fork-test 10"
    has "a divisor that does not fit is refused" trace-options 'pit=65537 is not'
    has "an unknown method too" trace-options 'flush= has a value'
    has "and an unknown who" trace-options 'slow-who= has a value'
    has "the log's first line" trace-options '^SCHEDULER ENTRY: thread 1 RIP=0x'
    boot trace-tf "hz=50 tf=child -- /bin/fork-test 20000"
    has "TF: a debug exception after one instruction" trace-tf \
        'debug exception .* at rip 0x1000001b'
    boot trace-off "hz=50 timer=off-at-fork -- /bin/fork-test 20000"
    has "without a timer the child never runs" trace-off 'the child to 0$'
}

# The same bytes twice, the second time with the processor busy.
test_same() {
    boot same-1 "probe=on -- /bin/test-fork"
    while :; do :; done &
    busy=$!
    boot same-2 "probe=on -- /bin/test-fork"
    kill "$busy"
    wait "$busy" 2>/dev/null || :
    busy=
    if cmp -s "$out/same-1.raw" "$out/same-2.raw" && [ -s "$out/same-1.raw" ]
    then
        ok "two runs give the same bytes, one of them on a busy machine"
    else
        diff "$out/same-1.log" "$out/same-2.log" >"$out/same.diff" || :
        not_ok "two runs give the same bytes" "$out/same.diff"
    fi
}

# A bug of the kernel's own: what, where, in which process, and who called.
test_report() {
    boot crash "probe=on -- /bin/crash 0"
    has "a panic is exit status 2" crash "panic"
    [ "$status" = 2 ] || not_ok "exit status is $status" "$out/crash.log"
    has "says what, and where" crash 'page fault reading 0xdead0000'
    has "in which process" crash 'in process 2 \(crash\)'
    has "and who called" crash ' syscall\+0x'
    boot overflow "probe=on -- /bin/crash 1"
    has "the guard page catches a stack that overflows" overflow \
        'kernel stack [0-9]+ overflowed in recurse'
}

test_shell() {
    boot shell "-- /bin/sh -c 'echo a b | cat ; false ; echo \$? ; ls /dev > /tmp/x ; cat < /tmp/x ; cd /tmp ; ls ; sleep 1 & wait ; echo end'"
    grep -v '^kernel:' "$out/shell.log" | tr '\n' ' ' >"$out/shell.words"
    has "pipe, status, redirection, cd, background job" shell '^end$'
    if [ "$(sed 's/\[[0-9]*\]/[]/' "$out/shell.words")" = \
        "a b 1 null zero console tty x [] end " ]; then
        ok "shell: its output is right"
    else
        not_ok "shell: its output is right" "$out/shell.words"
    fi
}

# same_output NAME FILE: is what the kernel's run of NAME printed FILE?
same_output() {
    grep -av '^kernel: ' "$out/$1.log" >"$out/$1.ours" || :
    if diff "$2" "$out/$1.ours" >"$out/$1.diff"; then
        ok "$1: the output is as it should be ($(wc -l <"$2") lines)"
    else
        not_ok "$1: the output is as it should be (<)" "$out/$1.diff"
    fi
}

# Wrong arguments: Linux says which error number each of them deserves.
test_errno() {
    # shellcheck disable=SC2016
    on_host sh -c 'ulimit -n 64 && exec "$1"' sh \
        "$top/build/kernel/root/bin/test-errno" >"$out/errno.linux"
    boot errno "-- /bin/test-errno"
    same_output errno "$out/errno.linux"
}

# An archive with busybox as the shell, and what the arguments name.
linux_archive() {
    build/kernel/pack "$out/linux.cpio" dir:bin \
        file:bin/init=build/kernel/root/bin/init \
        file:bin/busybox="$busybox" link:bin/sh=busybox "$@"
}

# A static program of musl's: on Linux its /bin/sh is whatever that is.
test_musl() {
    if ! command -v musl-gcc >/dev/null || [ ! -e "$busybox" ]; then
        skip "musl: a static musl program" "no musl-gcc, or no busybox-static"
        return
    fi
    musl-gcc -static -O1 -o "$out/musl" kernel/tests/musl.c
    linux_archive file:bin/musl="$out/musl"
    "$out/musl" a b </dev/null >"$out/musl.linux"
    boot musl "-- /bin/musl a b" -a "$out/linux.cpio"
    same_output musl "$out/musl.linux"
}

# Debian's busybox, unmodified, one boot for each line of the script.
test_busybox() {
    if [ ! -e "$busybox" ]; then
        skip "busybox: Debian's static busybox" "no busybox-static"
        return
    fi
    linux_archive
    n=0
    while read -r line; do
        n=$((n + 1))
        on_host "$busybox" sh -c "$line" \
            >"$out/busybox-$n.linux" 2>&1 || :
        boot "busybox-$n" "-- /bin/busybox sh -c '$line'" -a "$out/linux.cpio"
        same_output "busybox-$n" "$out/busybox-$n.linux"
    done <kernel/tests/busybox.txt
}

# The CD image, by GRUB: under QEMU, and in Bochs, which is another machine.
# The programs' output there is what it is by -kernel.
test_iso() {
    if ! scripts/doctor --quiet iso >/dev/null 2>&1; then
        skip "iso: boots by GRUB" "no grub-mkrescue; see make doctor"
        return
    fi
    boot iso-direct "-- /bin/test-pipe"
    grep -av '^kernel: ' "$out/iso-direct.log" >"$out/iso.linux"
    kernel/iso.sh "$out/kernel.iso" "-- /bin/test-pipe"
    timeout 300 "${QEMU:-qemu-system-x86_64}" -cdrom "$out/kernel.iso" -m 64 \
        -nodefaults -display none -serial stdio -no-reboot \
        -icount shift=5,sleep=off \
        -device isa-debug-exit,iobase=0xf4,iosize=4 </dev/null |
        tr -d '\r' | grep -E '^(kernel: |ok|not ok|1\.\.|# )' >"$out/iso.log"
    same_output iso "$out/iso.linux"
    if ! scripts/doctor --quiet bochs >/dev/null 2>&1; then
        skip "bochs: the same" "no bochs; see make doctor"
        return
    fi
    kernel/tests/bochs.sh "$out/kernel.iso" "$out/bochs.raw" ||
        echo "# Bochs wrote nothing; see $out/bochs.raw.bochs/"
    tr -d '\r' <"$out/bochs.raw" >"$out/bochs.log" || :
    same_output bochs "$out/iso.linux"
}

# The gdb commands, where a parent writes for the first time after a fork, its
# child ready to run.  One tick a second: none comes in between.
test_gdb() {
    nx='((unsigned long *)&boot_pd)[0] >> 63'
    SERIAL="file:$out/gdb.serial" timeout 300 kernel/gdb/run.sh \
        "hz=1 probe=on -- /bin/test-cow" -batch \
        -ex 'hbreak vm_use_kernel' -ex c \
        -ex "printf \"no execute at first: %d\\n\", $nx" -ex delete \
        -ex 'hbreak cow_fault if vm->pages > 60' -ex c \
        -ex "printf \"no execute later: %d\\n\", $nx" \
        -ex ps -ex runq -ex tf -ex 'pt va' -ex 'sharers $frame' \
        -ex 'vmdiff 2 3' -ex k </dev/null >"$out/gdb.log" 2>&1 || :
    has "the loader's directory executes while we run by way of it" gdb \
        '^no execute at first: 0$'
    has "and not afterwards" gdb '^no execute later: 1$'
    has "ps" gdb '^    2     1 RUNNING +74 test-cow .*<- current'
    has "runq" gdb '^0: process 3 \(test-cow\)'
    has "tf" gdb '^cs +0x33 +rflags'
    has "pt" gdb '^level 0: .*COW NX'
    has "sharers" gdb '^process [23] \(test-cow\) at 0x7fffffff.000: P U'
    has "its count agrees with the page tables" gdb \
        'count 2, 2 found in page tables'
    has "vmdiff" gdb '^74 page\(s\) in the same frame'
    # As a terminal does it, to the whole group (timeout, outside it, would
    # send another one); it costs gdb one command.
    SERIAL="file:$out/gdb.serial" timeout 300 setsid -w kernel/gdb/run.sh \
        "hz=1 probe=on -- /bin/test-cow" -batch -ex 'hbreak cow_fault' -ex c \
        -ex 'shell trap "" INT; kill -INT 0' -ex ps -ex ps -ex k \
        </dev/null >"$out/break.log" 2>&1 || :
    has "a ^C is gdb's: the machine stays" break '<- current'
}

if [ $# -eq 0 ]; then
    set -- fork eager cow pipe signal memory sched bomb errno musl busybox iso gdb fuzz same report shell trace
fi
for test in "$@"; do
    "test_$test"
done
echo "1..$count"
