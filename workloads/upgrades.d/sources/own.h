/* the library inside of a program's package, found by $ORIGIN */
int own_version(void), own_check(void);
static int use_own(void) { return own_version() != VERSION; }
