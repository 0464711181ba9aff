/* libtopt: what alpha 4 needs */
int opt_version(void), opt_check(void), opt_hook(void);
static int use_opt(void) { return opt_hook() != 9; }
