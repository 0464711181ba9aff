#include "epochd/relevant.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const endings[] = {
	".py",	 ".pyc",  ".pyi",  ".pl",   ".pm",   ".rb",  ".js",   ".ts",   ".lua", ".sh",
	".c",	 ".h",	  ".cc",   ".cpp",  ".hpp",  ".o",   ".a",    ".la",   ".pc",  ".cmake",
	".txt",	 ".md",	  ".rst",  ".html", ".xml",  ".css", ".json", ".yaml", ".yml", ".toml",
	".conf", ".cfg",  ".ini",  ".log",  ".gz",   ".xz",  ".bz2",  ".zst",  ".zip", ".jar",
	".png",	 ".svg",  ".jpg",  ".gif",  ".ico",  ".ttf", ".otf",  ".mo",   ".po",  ".desktop",
	".list", ".db",	  ".cache", ".lock", ".pid", ".ko",  ".elc",  ".el",   ".class",
};

/* One below the other, anywhere in a path: "" as the first stands for any folder. */
static const struct {
	const char *folder, *below;
} passed[] = {
	{"", "__pycache__"},	 {"", ".git"},	       {"share", "doc"},   {"share", "man"},
	{"share", "info"},	 {"share", "locale"},  {"share", "icons"}, {"share", "fonts"},
	{"share", "zoneinfo"},	 {"share", "help"},    {"share", "mime"},  {"share", "i18n"},
	{"share", "licenses"},	 {"share", "themes"},  {"share", "pixmaps"},
	{"share", "applications"}, {"share", "lintian"}, {"usr", "include"}, {"usr", "src"},
};

static bool is_library(const char *name)
{
	for (const char *at = name; (at = strstr(at, ".so")); at += 3)
		if (at[3] == '\0' || at[3] == '.' || at[3] == ';')
			return true;
	return false;
}

enum relevance relevant_name(const char *name)
{
	const char *ending = strrchr(name, '.');

	if (is_library(name))
		return RELEVANT_YES;
	for (size_t i = 0; ending && i < sizeof(endings) / sizeof(endings[0]); i++)
		if (!strcmp(ending, endings[i]))
			return RELEVANT_NO;
	return RELEVANT_ASK;
}

static bool is_component(const char *at, size_t length, const char *name)
{
	return strlen(name) == length && memcmp(at, name, length) == 0;
}

static bool is_passed(const char *above, size_t above_length, const char *at, size_t length)
{
	for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++)
		if (is_component(at, length, passed[i].below) &&
		    (!*passed[i].folder || is_component(above, above_length, passed[i].folder)))
			return true;
	return false;
}

bool relevant_folder(const char *path)
{
	const char *above = "";
	size_t above_length = 0, length;

	for (const char *at = path; *at; at += length) {
		at += strspn(at, "/");
		length = strcspn(at, "/");
		if (length && is_passed(above, above_length, at, length))
			return false;
		above = at;
		above_length = length;
	}
	return true;
}

bool relevant_content(int dirfd, const char *path)
{
	int fd = openat(dirfd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	unsigned char magic[SELFMAG];
	struct stat st;
	bool yes;

	if (fd < 0)
		return false;
	yes = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	      pread(fd, magic, SELFMAG, 0) == SELFMAG && memcmp(magic, ELFMAG, SELFMAG) == 0;
	close(fd);
	return yes;
}
