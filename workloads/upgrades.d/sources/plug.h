/* libtplug: looks for a plugin at run time, which is another package */
int plug_version(void), plug_check(void), plug_run(void);
static int use_plug(void) { return plug_run() != 3; }
