# uses: build/lab-8/book/crowd-model
./crowd-model 2 1 wait
./crowd-model 2 3 wait
./crowd-model 4 2 wait
./crowd-model 4 3 wait
