/* the plugin: bound to the library that loads it, and to libtdata, which it brings along */
int plug_value(void), data_version(void), data_check(void);
static __thread int mine = VERSION;
int plugin_entry(void) { return data_check() || mine != VERSION || data_version() < 1 ? -1 : plug_value(); }
