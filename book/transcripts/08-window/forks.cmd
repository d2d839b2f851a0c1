# uses: build/explorer/tests/defects-model build/lab-8/book/trouble
./defects-model defect-15
./trouble fork 4
./trouble again
