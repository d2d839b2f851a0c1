plot dir."plot.dat" with lines title "data"
