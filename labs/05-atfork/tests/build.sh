#!/bin/sh
# SPDX-License-Identifier: MIT
# build.sh -- build a submission of lab 5: build.sh SRC PARTS, in a directory
# to write to.  It is compiled with steps.h in front, and refused if it does
# what the scheduler would not see.
set -eu
src=$1 parts=$2
compile() {
    gcc -std=c11 -D_GNU_SOURCE -U_FORTIFY_SOURCE -g -O1 -fno-pie \
        -Wall -Wextra -fsanitize=thread -I"$parts" \
        -include "$parts/steps.h" "$@" "$src/atfork.c"
}
compile -S -o atfork.s
if grep -q '^#APP' atfork.s || compile -E -w | grep -q 'no_sanitize'; then
    echo 'atfork.c: neither assembly nor no_sanitize, please: the tests would' \
        'not see what it does' >&2
    exit 1
fi
gcc -c -o atfork.o atfork.s

unknown=
for f in $(nm -u atfork.o | awk '{ print $2 }'); do
    case $f in
    step_*|__tsan_*) ;;
    mem*|__mem*|str*|__str*|_GLOBAL_OFFSET_TABLE_|__stack_chk_fail) ;;
    malloc|calloc|realloc|reallocarray|free|aligned_alloc|posix_memalign) ;;
    abort|atexit|__assert_fail|__errno_location|getpid|gettid) ;;
    vsnprintf|perror) ;;
    sysconf|getpagesize|munmap|madvise|mprotect|clock_gettime|time) ;;
    pthread_atfork|__register_atfork|__dso_handle|pthread_self) ;;
    pthread_equal|pthread_attr_*|pthread_mutexattr_*|pthread_condattr_*) ;;
    pthread_mutex_destroy|pthread_mutex_consistent) ;;
    pthread_key_*|pthread_getspecific|pthread_setspecific|pthread_sigmask) ;;
    pthread_setname_np|pthread_getname_np) ;;
    sigfillset|sigemptyset|sigaddset|sigdelset|sigprocmask) ;;
    *) unknown="$unknown $f" ;;
    esac
done
if [ -n "$unknown" ]; then
    echo "atfork.c calls what the tests cannot follow:$unknown" >&2
    echo "Use mutexes, condition variables, pthread_once(), threads, atomics," \
        "pthread_atfork(), write(), and what has no lock and no thread of its own" \
        "(malloc(), memcpy(), snprintf(), getpid(), mmap(), madvise() ...)." >&2
    case $unknown in
    *puts*|*putc*|*print*|*fflush*|*fwrite*)
        echo "stdio has locks. (A constant printf() is compiled to puts().) To" \
            "see what happens: make gdb-5 TEST=name, which plays up to the run" \
            "that fails, and that one again." >&2 ;;
    esac
    exit 1
fi
# Static: each run is a process of its own, which would bind anew.
gcc -static -no-pie -pthread -o subject atfork.o "$parts/subject.o" "$parts/steps.o" \
    "$parts/crash.o"
