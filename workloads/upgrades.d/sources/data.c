/* Compiled with data.h, like the programs. */
static int a(void) { return 'a'; }
int data_b(void) { return 'b'; }
#define ROW(n) {(n) % 2 ? "a" : "bb", (n) % 2 ? a : data_b, (n) ? rows + (n) - 1 : 0}
#define TEN(n) ROW(n), ROW(n + 1), ROW(n + 2), ROW(n + 3), ROW(n + 4), ROW(n + 5), ROW(n + 6), ROW(n + 7), \
	ROW(n + 8), ROW(n + 9)
#define HUNDRED(n) TEN(n), TEN(n + 10), TEN(n + 20), TEN(n + 30), TEN(n + 40), TEN(n + 50), TEN(n + 60), \
	TEN(n + 70), TEN(n + 80), TEN(n + 90)
static struct data_row rows[] = {HUNDRED(0),
#if VERSION != 3
	HUNDRED(100), HUNDRED(200),
#endif
#if VERSION == 4
	HUNDRED(300),
#endif
};
enum { COUNT = sizeof(rows) / sizeof(rows[0]) };
struct data_row *const data_rows = rows + COUNT - 1;
int data_version(void) { return VERSION; }
int data_count(void) { return COUNT; }
int data_check(void) { return use_data(); }
