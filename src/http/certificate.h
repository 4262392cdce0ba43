/* SPDX-License-Identifier: Apache-2.0
 *
 * A certificate with its key, and the authority for certificates of clients,
 * as loaded from files: what a TLS connection is made with.  It stays for as
 * long as a connection that began with it, whatever the files become.
 */

#ifndef HTTP_CERTIFICATE_H
#define HTTP_CERTIFICATE_H 1

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <time.h>

/* TLS 1.2 and 1.3, forward secrecy and authenticated encryption only; the
 * server's order counts. */
#define CERTIFICATE_PRIORITIES                                          \
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"                        \
    ":-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA"                                  \
    ":-CIPHER-ALL:+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM"         \
    ":-MAC-ALL:+AEAD:%SERVER_PRECEDENCE"

/* Names of files, all in PEM. */
struct certificate_files {
    char *certificate;          /* And those between it and the root. */
    char *private_key;
    char *client_ca;            /* NULL: clients need no certificate. */
    bool client_is_optional;    /* A client may have none. */
};

struct certificate;

/* Returns NULL and sets '*errorp' (the caller frees it) if the files cannot be
 * read, do not fit, or leave the key open to every user. */
struct certificate *certificate_load(const struct certificate_files *,
                                     char **errorp);
struct certificate *certificate_ref(struct certificate *);
void certificate_unref(struct certificate *);

/* Has a connection that has not begun its handshake be made with it. */
void certificate_use(const struct certificate *, gnutls_session_t);

/* Return the first time at which all certificates of the file are valid, and
 * the last. */
time_t certificate_begin(const struct certificate *);
time_t certificate_end(const struct certificate *);

#endif /* http/certificate.h */
