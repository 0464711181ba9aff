/*
 * mdwe - run a program that may not make memory writable and executable, nor
 * gain execution (PR_SET_MDWE, inherited over exec).  Exit 77 where the kernel is too old.
 */
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (prctl(65, 1, 0, 0, 0))
		return 77;
	execv(argv[1], argv + 1);
	return 96;
}
