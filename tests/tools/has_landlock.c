/* Exit status 0: the kernel has Landlock (call 444), version 2 or later. */
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	return syscall(444, NULL, 0, 1) < 2;
}
