# speedup.gp - times faster than stock lazy: bars for each program, of MatR and of layout=exec
set title 'Whole runs: stock lazy / MatR (logarithmic)'
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.9
set datafile missing '?'
set xtics rotate by -35
set logscale y 2
set yrange [0.5:*]
set arrow from graph 0, first 1 to graph 1, first 1 nohead lc rgb '#888888'
plot data using 2:xtic(1) title 'MatR' lc rgb matr, data using 3 title 'layout=exec' lc rgb exec, \
	data using ($0 - 0.16):2:(sprintf('%.1f', $2)) notitle with labels offset 0, 0.6 font ',10'
