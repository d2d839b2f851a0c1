# SPDX-License-Identifier: MIT
# figure.gp -- what every gnuplot figure of the book starts with.  The colours
# are those that the page knows how to turn dark (filters/lib/svg.lua).
set terminal svg size 640,400 dynamic enhanced font 'sans-serif,14'
set linetype 1 lc rgb '#0b62a4' lw 2 pt 7 ps 0.6
set linetype 2 lc rgb '#b5460f' lw 2 pt 5 ps 0.6
set linetype 3 lc rgb '#1b7f4b' lw 2 pt 9 ps 0.7
set linetype 4 lc rgb '#8a3ea8' lw 2 pt 11 ps 0.7
set linetype 5 lc rgb '#5f6b00' lw 2 pt 13 ps 0.7
set linetype 6 lc rgb '#00717d' lw 2 pt 6 ps 0.6
set linetype 7 lc rgb '#a61b3c' lw 2 pt 4 ps 0.6
set linetype 8 lc rgb '#5a5f66' lw 2 pt 8 ps 0.7
set linetype cycle 8
set border 3 lw 1
set tics nomirror
set grid ytics lc rgb '#808080' lw 0.4
set key top left Left reverse noopaque
