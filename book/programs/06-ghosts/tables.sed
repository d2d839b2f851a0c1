# tables.sed -- of what real.sh prints: the parent before the fork, the child
# after it.  sed -nf tables.sed
/: parent, before fork/,/besides/p
/: child 1, after fork/,/besides/p
/^box64 /p
