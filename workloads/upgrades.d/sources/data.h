/* libtdata: tables of pointers; their number differs in each version */
struct data_row {
	const char *name;
	int (*fn)(void);
	struct data_row *next;
};
extern struct data_row *const data_rows;
int data_version(void), data_check(void), data_count(void);
static int use_data(void)
{
	int n = 0;

	for (struct data_row *r = data_rows; r; r = r->next)
		n += r->fn() == r->name[0];
	return n != data_count();
}
