/* SPDX-License-Identifier: Apache-2.0
 *
 * A file to which whole lines are appended.  They are collected, and written
 * once in each turn of the poll loop.  Another program may move the file away
 * (logrotate): it is made anew within APPEND_LOOK_MS, without being told.
 */

#ifndef BASE_APPEND_FILE_H
#define BASE_APPEND_FILE_H 1

struct append_file;
struct ds;

/* Instead of a path: what the process has for stderr. */
#define APPEND_STDERR "stderr"

/* Opens the file, and makes it if it is missing.  Returns NULL and sets
 * '*errorp' (the caller frees it) if that is impossible. */
struct append_file *append_file_open(const char *path, char **errorp);

/* Writes what is left, and closes. */
void append_file_close(struct append_file *);

/* Returns the buffer, to which the caller adds whole lines. */
struct ds *append_file_buffer(struct append_file *);

/* Writes.  What cannot be written is lost, and the log says so: lines that
 * pile up would take memory that the daemon needs. */
void append_file_run(struct append_file *);

#endif /* base/append-file.h */
