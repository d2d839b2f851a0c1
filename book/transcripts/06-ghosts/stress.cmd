# needs: build/box64/sysroot/usr/bin/box64 qemu-aarch64-static
# uses: build/box64 box64-lab build/box64-lab/watch build/box64-lab/main
# normalise: pid
sh real.sh -- --stress --forks 3 --no-pressure | grep -E 'Meas.*:|TOTAL'
