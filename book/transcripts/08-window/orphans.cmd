# normalise: s/[0-9][0-9]* timelines live/N timelines live/
# uses: build/explorer/tests/defects-model build/lab-8/book/trouble
./defects-model defect-16
./trouble kill
