# large.gp - milliseconds of what takes long, on a logarithmic scale
set title 'Milliseconds of a whole run (logarithmic)'
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.9
set logscale y
set yrange [10:*]
set xtics rotate by -20
set key top right
plot data using 2:xtic(1) title 'stock lazy' lc rgb stock, data using 3 title 'stock BIND_NOW' lc rgb now, \
	data using 4 title 'MatR' lc rgb matr
