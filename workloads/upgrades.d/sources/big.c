/* Compiled with big.h, like the programs. */
#if VERSION % 2
#define BIG_DEFINE(h) int big_##h(int n) { return n + 0x##h; }
#else
#define BIG_DEFINE(h) int big_##h(int n) { return n ? big_##h(n - 1) + 1 : 0x##h; }
#endif
BIG_ALL(BIG_DEFINE)
#if VERSION >= 3
#define BIG_MORE(h) int big_more_##h(void) { return VERSION; }
BIG_ALL(BIG_MORE)
#endif
int big_version(void) { return VERSION; }
int big_check(void) { return use_big(); }
