#include "epochd/log.h"

#include "common/out.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static enum log_level shown = LOG_INFO;
static bool journal;

static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev && st.st_ino == ino;
}

void log_open(enum log_level level)
{
	shown = level;
	journal = stderr_is_journal();
}

static const char *level_word(enum log_level level)
{
	switch (level) {
	case LOG_ERROR:
		return "error: ";
	case LOG_WARNING:
		return "warning: ";
	case LOG_DEBUG:
		return "debug: ";
	default:
		return "";
	}
}

void log_line(enum log_level level, const char *format, ...)
{
	char text[1536], when[OUT_NUMBER_BYTES];
	struct timespec now;
	va_list ap;

	if (level > shown)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	/* A path may hold anything; a line of the log is one line. */
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = '?';
	clock_gettime(CLOCK_REALTIME, &now);
	if (journal)
		dprintf(STDERR_FILENO, "<%d>%s\n", level, text);
	else
		dprintf(STDERR_FILENO, "%s epochd: %s%s\n",
			out_time(when, now.tv_sec * 1000000000ll + now.tv_nsec), level_word(level),
			text);
}

void notify_manager(const char *format, ...)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	char text[1536];
	va_list ap;
	size_t n;
	int fd;

	if (!name || (*name != '/' && *name != '@') || strlen(name) >= sizeof(to.sun_path))
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	n = strlen(name);
	memcpy(to.sun_path, name, n);
	if (*name == '@')
		to.sun_path[0] = '\0'; /* an abstract name */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	n += offsetof(struct sockaddr_un, sun_path);
	sendto(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&to,
	       (socklen_t)n);
	close(fd);
}
