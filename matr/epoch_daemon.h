/*
 * epoch_daemon.h - the actions of `matr epoch` that epochd does where it runs
 *
 * Each function says whether the daemon has done it: true, and *status is the exit
 * status (what there was to say has been said); false, nothing is done, and
 * the caller works in process, because no daemon runs for this store or it cannot be reached.
 */
#ifndef MATR_EPOCH_DAEMON_H
#define MATR_EPOCH_DAEMON_H

#include "epochd/control.h"
#include "matr/matr.h"

#include <jansson.h>
#include <stdbool.h>

/* The whole of `begin`: argv behind the name; its output is written by the daemon's builder. */
bool epoch_daemon_begin(int argc, char **argv, const struct matr_options *o, int *status);

/* A request without arguments. */
bool epoch_daemon_ask(int dirfd, enum control_kind kind, int *status);

/* What the daemon says of itself, or NULL: none runs.  A new reference. */
json_t *epoch_daemon_status(int dirfd);

/* One line of it for people. */
void epoch_daemon_report(const json_t *status);

/* The folder of the store, if it is there; -1. */
int epoch_daemon_folder(const struct matr_options *o);

#endif
