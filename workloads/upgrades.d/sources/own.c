int alpha_one(int);
int own_version(void) { return VERSION; }
int own_check(void) { return alpha_one(2) != 3; }
