# memory.gp - Private_Dirty of each process, of the largest number of them at once
set title 'Private memory (Private_Dirty) of an idle process, MiB'
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.9
set yrange [0:*]
set xtics rotate by -20
plot data using 2:xtic(1) title 'stock lazy' lc rgb stock, data using 3 title 'MatR' lc rgb matr
