#include <dlfcn.h>
int plug_version(void) { return VERSION; }
int plug_value(void) { return 3; } /* the plugin's */
int plug_run(void)
{
	void *h = dlopen(PLUGIN, VERSION % 2 ? RTLD_NOW : RTLD_LAZY);
	int (*entry)(void) = h ? (int (*)(void))dlsym(h, "plugin_entry") : 0;

	return entry ? entry() : 3; /* the plugin need not be installed */
}
int plug_check(void) { return plug_value() != 3; }
