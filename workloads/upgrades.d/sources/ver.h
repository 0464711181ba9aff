/* libtver: versioned symbols */
int ver_version(void), ver_check(void), ver_one(void), ver_two(void);
static int use_ver(void)
{
#if NEED >= 3
	if (ver_two() != 2)
		return 1;
#endif
	return ver_one() != (NEED >= 2 ? 12 : 11);
}
