int opt_version(void) { return VERSION; }
int opt_hook(void) { return 9; }
int opt_check(void) { return opt_hook() != 9; }
