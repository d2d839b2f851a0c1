# needs: gcc
# uses: build/explorer/tests/model_original/model.o explorer/include/split.h
gcc -I. -o chain-model chain.c model.o
./chain 50 3 150 21
./chain 50 3 150 101
./chain-model 50 3 150 21
