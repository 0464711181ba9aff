# memory.gp - Pss for each process, one group for each program and number of processes
set title 'Pss of an idle process, KiB'
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.9
set yrange [0:*]
set xtics rotate by -35
set key top right
plot data using 3:xtic(sprintf('%s x %d', stringcolumn(1), $2)) title 'stock lazy' lc rgb stock, data using 4 title 'MatR' lc rgb matr
