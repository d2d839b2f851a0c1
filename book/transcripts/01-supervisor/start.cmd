./start /bin/true
./start /nonexistent
./start /
./start /bin/sh -c 'exit 127'
