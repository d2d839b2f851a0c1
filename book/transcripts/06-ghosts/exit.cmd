# needs: build/box64/sysroot/usr/bin/box64 qemu-aarch64-static
# uses: build/box64 box64-lab build/box64-lab/watch build/box64-lab/main
# normalise: pid
# normalise: s,^box64 0.*;,box64 VERSION;,
# normalise: s,^box64 0.*,box64 VERSION,
export BOX64_DIR=box64 BOX64_LOG=2
sh box64-lab/with-box64 ./main --no-pressure --return 2>&1 | grep 'emu workers'
