/* libtalpha: grows a function (2), takes one over from libtbeta (3), gets a library of its own (4) */
int alpha_data[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
int *alpha_pointers[] = {alpha_data, alpha_data + VERSION, alpha_data + 15};
static char room[VERSION * 3000] = {1};

int alpha_version(void) { return VERSION; }
int alpha_one(int n) { return n + room[0]; }
int alpha_helper(void) { return 7; }
#if VERSION >= 2
int alpha_two(int n) { return 2 * n + 2; }
#endif
#if VERSION < 3
int alpha_internal(void) { return 0; }
#else
int moved(int n) { return n * 3; }
#endif
#if VERSION >= 4
int opt_hook(void);
int alpha_uses_opt(void) { return opt_hook(); }
#endif
int alpha_check(void)
{
	return alpha_pointers[0] != alpha_data || *alpha_pointers[1] != VERSION || *alpha_pointers[2] != 15 ||
		alpha_one(4) != 5;
}
