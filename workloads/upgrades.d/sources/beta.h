/* libtbeta: needs libtalpha; `moved` is here until 2, there from 3 on */
int beta_version(void), beta_check(void), moved(int);
static int use_beta(void) { return moved(5) != 15; }
