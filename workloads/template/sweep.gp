# sweep.gp - times faster than stock lazy: a line for each number of objects
set title 'The sweep: stock lazy / MatR'
set logscale xy
set yrange [0.5:*]
set xlabel 'functions of each object, all called once'
set arrow from graph 0, first 1 to graph 1, first 1 nohead lc rgb '#888888'
stats data using 1 nooutput
plot for [i = 0:(STATS_blocks - 1)] data index i using 2:3 with linespoints lw 2 pt 7 \
	title sprintf('%d object%s', 10 ** i, i ? 's' : '')
