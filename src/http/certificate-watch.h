/* SPDX-License-Identifier: Apache-2.0
 *
 * The certificate of new TLS connections: it is loaded again when its files
 * have changed, which is looked at before a client is accepted and now and
 * then.  New files that are wrong change nothing, and are told about, as is a
 * certificate that will soon be invalid.
 */

#ifndef HTTP_CERTIFICATE_WATCH_H
#define HTTP_CERTIFICATE_WATCH_H 1

#include <stdbool.h>
#include <stdint.h>
#include "base/file-mark.h"
#include "http/certificate.h"

struct ds;

#define CERTIFICATE_FILES_MAX 3

struct certificate_watch {
    struct certificate_files files;
    struct certificate *current;
    struct file_mark marks[CERTIFICATE_FILES_MAX];
    long long int next_look_ms;     /* If a client comes. */
    long long int next_check_ms;    /* If none comes. */
    char *fault;                /* What is wrong with the files; NULL:
                                 * nothing. */
    bool is_told;               /* The log has the fault. */
    int days_told;              /* What the log has said of its end. */
    unsigned int n_loads;
};

/* Copies the names.  Returns false and sets '*errorp' (the caller frees it) if
 * the files are wrong. */
bool certificate_watch_open(struct certificate_watch *,
                            const struct certificate_files *, char **errorp);
void certificate_watch_close(struct certificate_watch *);

/* Looks at the files, at most each second. */
void certificate_watch_look(struct certificate_watch *);

/* Loads the files now.  Returns NULL, or what is wrong with them. */
const char *certificate_watch_reload(struct certificate_watch *);

void certificate_watch_run(struct certificate_watch *);
void certificate_watch_wait(const struct certificate_watch *);

/* Appends lines of a status. */
void certificate_watch_format(const struct certificate_watch *, struct ds *);

#endif /* http/certificate-watch.h */
