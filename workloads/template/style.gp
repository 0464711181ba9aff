# style.gp - what the plots have in common
set terminal svg size 900,460 noenhanced font 'sans-serif,13' background '#ffffff'
set output out
set border 3 lc rgb '#555555'
set tics nomirror out
set grid ytics lc rgb '#dddddd'
set key top left
stock = '#9aa5b1'
now = '#c9b458'
matr = '#2a7f62'
exec = '#8cc5b0'
set rmargin 10
