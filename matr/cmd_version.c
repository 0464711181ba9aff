/* matr version */
#include "matr/matr.h"

#include <stdio.h>

int cmd_version(int argc, char **argv, struct matr_options *o)
{
	if (argc > 1)
		return matr_usage_error("version", "version: unexpected '%s'", argv[1]);
	if (o->json)
		printf("{\"schema\": 1, \"version\": \"%s\"}\n", MATR_VERSION);
	else
		printf("matr %s\n", MATR_VERSION);
	return MATR_OK;
}
