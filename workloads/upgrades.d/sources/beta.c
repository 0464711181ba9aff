int alpha_one(int), alpha_helper(void), moved(int);
int beta_version(void) { return VERSION; }
#if VERSION < 3
int moved(int n) { return n * 3; }
#endif
#if VERSION >= 4
int alpha_helper(void) { return 7; } /* shadows, or is shadowed by, libtalpha's */
#endif
int (*beta_calls[])(int) = {alpha_one, moved};
int beta_check(void) { return beta_calls[0](1) != 2 || beta_calls[1](2) != 6 || alpha_helper() != 7; }
