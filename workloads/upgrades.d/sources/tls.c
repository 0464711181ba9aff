__thread int tls_one = 5;
static __thread char more[VERSION * 700] = {3};
static __thread int zero[VERSION * 5];
int tls_version(void) { return VERSION; }
int *tls_where(void) { return &tls_one; }
int tls_check(void) { return more[0] != 3 || more[VERSION * 700 - 1] || zero[VERSION]; }
