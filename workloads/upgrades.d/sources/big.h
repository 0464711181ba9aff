/* libtbig: 256 functions, which the program binds one by one and libtbig among themselves */
#define BIG_16(x, h) x(h##0) x(h##1) x(h##2) x(h##3) x(h##4) x(h##5) x(h##6) x(h##7) \
	x(h##8) x(h##9) x(h##a) x(h##b) x(h##c) x(h##d) x(h##e) x(h##f)
#define BIG_ALL(x) BIG_16(x, 0) BIG_16(x, 1) BIG_16(x, 2) BIG_16(x, 3) BIG_16(x, 4) BIG_16(x, 5) \
	BIG_16(x, 6) BIG_16(x, 7) BIG_16(x, 8) BIG_16(x, 9) BIG_16(x, a) BIG_16(x, b) \
	BIG_16(x, c) BIG_16(x, d) BIG_16(x, e) BIG_16(x, f)
int big_version(void), big_check(void);
#define BIG_DECLARE(h) int big_##h(int);
BIG_ALL(BIG_DECLARE)
static int use_big(void)
{
	int bad = 0;
#define BIG_CALL(h) bad |= big_##h(1) != 0x##h + 1;
	BIG_ALL(BIG_CALL)
	return bad;
}
