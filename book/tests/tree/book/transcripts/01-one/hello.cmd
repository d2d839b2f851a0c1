# normalise: pid address
./hello
echo "$?"
for i in 1 2; do
    printf "$i "
done
pwd
