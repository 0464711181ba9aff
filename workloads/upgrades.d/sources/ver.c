/* The default version of ver_one changes with 2; ver_two comes with 3. */
int ver_one_old(void) { return 11; }
int ver_one_new(void) { return 12; }
#if VERSION == 1
__asm__(".symver ver_one_old, ver_one@@TVER_1");
#else
__asm__(".symver ver_one_old, ver_one@TVER_1");
__asm__(".symver ver_one_new, ver_one@@TVER_2");
#endif
#if VERSION >= 3
int ver_two(void) { return 2; }
#endif
#if VERSION >= 4
int ver_four(void) { return 4; }
#endif
int ver_version(void) { return VERSION; }
int ver_check(void) { return ver_one_old() != 11; }
