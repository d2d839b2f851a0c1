# needs: bochs grub-mkrescue xorriso mformat script
# uses: kernel/tests/bochs.sh build/book/programs/04-preempt/policies.elf build/book/programs/04-preempt/archive.cpio
# normalise: s/[1-9][0-9]\{3,\}/N/g
for p in naive half poll one-shot; do
    echo "== $p"; sh second.sh policies hz=50 log=7 slow-who=3 policy=$p \
        -- race 250 count count | grep ^race
done
