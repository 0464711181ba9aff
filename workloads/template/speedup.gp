# speedup.gp - times faster than stock lazy, one bar for each program
set title 'Whole runs: stock lazy / MatR'
set style fill solid 0.9
set boxwidth 0.7
set xtics rotate by -35
set yrange [0:*]
set offsets 0, 0, 0.5, 0
set arrow from graph 0, first 1 to graph 1, first 1 nohead lc rgb '#888888'
unset key
plot data using 0:2:xtic(1) notitle with boxes lc rgb matr, \
	data using 0:2:(sprintf('%.2f', $2)) notitle with labels offset 0, 0.6 font ',11'
