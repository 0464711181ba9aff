/* libttls: thread-local variables, whose block grows */
extern __thread int tls_one;
int tls_version(void), tls_check(void), *tls_where(void);
static int use_tls(void)
{
	int bad = tls_one != 5 || tls_where() != &tls_one;

	tls_one = 6;
	bad |= *tls_where() != 6;
	tls_one = 5;
	return bad;
}
