/* libtifunc: functions chosen at start */
int ifunc_version(void), ifunc_check(void), ifunc_pick(int);
extern int (*ifunc_pointer)(int);
static int use_ifunc(void)
{
	int (*mine)(int) = ifunc_pick;

	return ifunc_pick(3) != 9 || mine != ifunc_pointer || mine(4) != 16;
}
