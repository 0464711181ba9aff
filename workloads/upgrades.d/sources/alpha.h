/* libtalpha: plain C; exports data that a program without PIE copies */
extern int alpha_data[16];
int alpha_version(void), alpha_check(void), alpha_one(int), alpha_two(int), alpha_helper(void);
#pragma weak opt_hook
int opt_hook(void); /* libtopt's, which comes with alpha 4: else nobody provides it */

static int use_alpha(void)
{
	int sum = 0;

	for (int i = 0; i < 16; i++)
		sum += alpha_data[i];
#if NEED >= 2
	if (alpha_two(20) != 42)
		return 1;
#endif
	if (opt_hook && opt_hook() != 9)
		return 1;
	return sum != 120 || alpha_one(1) != 2 || alpha_helper() != 7;
}
