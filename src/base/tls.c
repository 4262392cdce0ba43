/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys and certificates by database; see tls.h.
 */

#include <config.h>
#include "base/tls.h"
#include <string.h>
#include "stream-ssl.h"
#include "util.h"

/* OVN_Northbound and OVN_Southbound. */
#define TLS_DATABASES_MAX 2

struct tls_identity {
    char *database;
    struct tls_files files;
};

/* libopenvswitch's settings are those of the process, so these are, too. */
static struct tls_identity identities[TLS_DATABASES_MAX];
static size_t n_identities;
static const struct tls_identity *in_use;

void
tls_set(const char *database, const struct tls_files *files)
{
    struct tls_identity *identity = &identities[n_identities++];

    ovs_assert(n_identities <= TLS_DATABASES_MAX);
    *identity = (struct tls_identity) {
        .database = xstrdup(database),
        .files.private_key = xstrdup(files->private_key),
        .files.certificate = xstrdup(files->certificate),
        .files.ca_cert = xstrdup(files->ca_cert),
    };
}

static const struct tls_identity *
tls_find(const char *database)
{
    for (size_t i = 0; i < n_identities; i++) {
        if (!strcmp(identities[i].database, database)) {
            return &identities[i];
        }
    }
    return n_identities ? &identities[0] : NULL;
}

/* The certificate comes first: OpenSSL refuses a key that does not match the
 * certificate that is there, and drops one when the certificate changes. */
static void
tls_apply(const struct tls_files *files)
{
    if (*files->certificate) {
        stream_ssl_set_certificate_file(files->certificate);
    }
    if (*files->private_key) {
        stream_ssl_set_private_key_file(files->private_key);
    }
    if (*files->ca_cert) {
        stream_ssl_set_ca_cert_file(files->ca_cert, false);
    }
}

void
tls_use(const char *database)
{
    const struct tls_identity *identity = tls_find(database);

    if (identity && identity != in_use) {
        in_use = identity;
        tls_apply(&identity->files);
    }
}
