/*
 * log.h - what the daemon says, on standard error
 *
 * Under systemd (JOURNAL_STREAM names standard error) a line begins with
 * "<N>", the level, as sd-daemon(3) says; the journal adds time and name.
 * Elsewhere: "2026-11-22 08:15:30 epochd: warning: ...".  Only the daemon's own
 * files include this.
 */
#ifndef EPOCHD_LOG_H
#define EPOCHD_LOG_H

#include <stdbool.h>

enum log_level { LOG_ERROR = 3, LOG_WARNING = 4, LOG_NOTICE = 5, LOG_INFO = 6, LOG_DEBUG = 7 };

/* Shows everything up to `level`; looks at the environment once. */
void log_open(enum log_level level);

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Tells the service manager (sd_notify(3)); silent where there is none. */
void notify_manager(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
