/*
 * relevant.h - which files can change an epoch
 *
 * A watched system is busy: caches, pages of manuals, logs.  Only what can be an
 * ELF file or lead to one matters.  The rule is cheap and may err towards "no":
 * a start checks the identity of every file, so a change that is passed over
 * costs speed (the program takes the stock path until the next epoch), never
 * correctness.
 *
 *	name holds ".so" at its end or before a dot   yes, whatever happens to it
 *	name ends like documents and sources do       no
 *	any other, written, made or moved here        yes if it begins like an ELF file
 *	any other, gone                               no: nothing is bound to a program
 *	folders of documents, headers, byte code      nothing in them
 */
#ifndef EPOCHD_RELEVANT_H
#define EPOCHD_RELEVANT_H

#include <stdbool.h>

enum relevance { RELEVANT_NO, RELEVANT_YES, RELEVANT_ASK };

enum relevance relevant_name(const char *name);

/* `path`: absolute.  False for .../share/doc and the like, and all below them. */
bool relevant_folder(const char *path);

/* RELEVANT_ASK's question: is it an ELF file?  Never waits, follows no link. */
bool relevant_content(int dirfd, const char *path);

#endif
