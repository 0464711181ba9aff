static int square(int n) { return n * n; }
static int by_sum(int n)
{
	int s = 0;

	for (int i = 0; i < n; i++)
		s += n;
	return s;
}
static void *choose(void) { return VERSION % 2 ? (void *)square : (void *)by_sum; }
int ifunc_pick(int n) __attribute__((ifunc("choose")));
int (*ifunc_pointer)(int) = ifunc_pick;
int ifunc_version(void) { return VERSION; }
int ifunc_check(void) { return ifunc_pick(5) != 25 || ifunc_pointer(6) != 36; }
