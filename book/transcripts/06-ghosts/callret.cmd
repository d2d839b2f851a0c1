# needs: build/box64/sysroot/usr/bin/box64 qemu-aarch64-static
# uses: build/box64 box64-lab build/box64-lab/watch build/box64-lab/main
# limit: 180
# normalise: pid
# normalise: s,^box64 0.*;,box64 VERSION;,
# normalise: s,^box64 0.*,box64 VERSION,
sh real.sh --callret 1 -- --workers 0 --no-pressure | sed -nf tables.sed
sh real.sh --callret 1 -- --workers 0 2>/dev/null | grep signal
