/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads certificates; see certificate.h.
 */

#include <config.h>
#include "http/certificate.h"
#include <errno.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/limits.h"
#include "util.h"

struct certificate {
    unsigned int n_refs;
    gnutls_certificate_credentials_t credentials;
    gnutls_certificate_request_t request;
    time_t begin;
    time_t end;
};

/* Reads at most 'bytes' into 'data'.  Returns how many, or -1. */
static ssize_t
certificate_read_fd(int fd, unsigned char *data, size_t bytes)
{
    size_t n = 0;

    while (n < bytes) {
        ssize_t piece = read(fd, data + n, bytes - n);

        if (piece < 0 && errno != EINTR) {
            return -1;
        } else if (!piece) {
            break;
        }
        n += MAX(piece, 0);
    }
    return n;
}

/* Reads the file 'name', which others may not read if it is a secret.  Returns
 * false and sets '*errorp' if that does not work; else the caller frees the
 * data. */
static bool
certificate_read(const char *name, bool is_secret, gnutls_datum_t *ret_data,
                 char **errorp)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat s;

    *errorp = NULL;
    if (fd < 0 || fstat(fd, &s)) {
        *errorp = xasprintf("%s: cannot be read (%s)", name,
                            ovs_strerror(errno));
    } else if (!S_ISREG(s.st_mode) || s.st_size > CERTIFICATE_BYTES_MAX) {
        *errorp = xasprintf("%s: is no file of at most %d bytes", name,
                            CERTIFICATE_BYTES_MAX);
    } else if (is_secret && s.st_mode & S_IRWXO) {
        *errorp = xasprintf("%s: every user may read it: chmod o= first",
                            name);
    } else {
        unsigned char *data = xmalloc(s.st_size + 1);
        ssize_t n = certificate_read_fd(fd, data, s.st_size);

        if (n < 0) {
            *errorp = xasprintf("%s: cannot be read (%s)", name,
                                ovs_strerror(errno));
            free(data);
        } else {
            data[n] = '\0';
            *ret_data = (gnutls_datum_t) { data, n };
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    return !*errorp;
}

/* Learns how long all certificates in 'pem' are valid.  Returns an error of
 * GnuTLS, 0 if all is well. */
static int
certificate_read_times(struct certificate *certificate,
                       const gnutls_datum_t *pem)
{
    gnutls_x509_crt_t *list;
    unsigned int n;
    int error = gnutls_x509_crt_list_import2(&list, &n, pem,
                                             GNUTLS_X509_FMT_PEM, 0);

    if (error < 0) {
        return error;
    }
    for (unsigned int i = 0; i < n; i++) {
        time_t begin = gnutls_x509_crt_get_activation_time(list[i]);
        time_t end = gnutls_x509_crt_get_expiration_time(list[i]);

        certificate->begin = i ? MAX(certificate->begin, begin) : begin;
        certificate->end = i ? MIN(certificate->end, end) : end;
        gnutls_x509_crt_deinit(list[i]);
    }
    gnutls_free(list);
    return 0;
}

static bool
certificate_load_pair(struct certificate *certificate,
                      const struct certificate_files *files, char **errorp)
{
    gnutls_datum_t pem = { NULL, 0 }, key = { NULL, 0 };
    bool ok = (certificate_read(files->certificate, false, &pem, errorp)
               && certificate_read(files->private_key, true, &key, errorp));
    int error;

    if (ok && (error = certificate_read_times(certificate, &pem)) < 0) {
        *errorp = xasprintf("%s: %s", files->certificate,
                            gnutls_strerror(error));
    } else if (ok && (error = gnutls_certificate_set_x509_key_mem2(
                          certificate->credentials, &pem, &key,
                          GNUTLS_X509_FMT_PEM, NULL, 0)) < 0) {
        *errorp = xasprintf("%s and %s: %s", files->certificate,
                            files->private_key, gnutls_strerror(error));
    }
    if (key.data) {
        gnutls_memset(key.data, 0, key.size);
    }
    free(key.data);
    free(pem.data);
    return !*errorp;
}

/* Refuses a certificate of a client during the handshake.  That there is one,
 * if it is required, is checked elsewhere in the library. */
static int
certificate_verify(gnutls_session_t session)
{
    gnutls_typed_vdata_st purpose = {
        .type = GNUTLS_DT_KEY_PURPOSE_OID,
        .data = CONST_CAST(unsigned char *, (const unsigned char *)
                           GNUTLS_KP_TLS_WWW_CLIENT),
    };
    unsigned int n, status;

    if (!gnutls_certificate_get_peers(session, &n) || !n) {
        return 0;
    }
    if (!gnutls_certificate_verify_peers(session, &purpose, 1, &status)
        && !status) {
        return 0;
    }
    gnutls_alert_send(session, GNUTLS_AL_FATAL, GNUTLS_A_BAD_CERTIFICATE);
    return -1;
}

static bool
certificate_load_ca(struct certificate *certificate,
                    const struct certificate_files *files, char **errorp)
{
    gnutls_datum_t pem;

    certificate->request = GNUTLS_CERT_IGNORE;
    if (!files->client_ca) {
        return true;
    }
    if (!certificate_read(files->client_ca, false, &pem, errorp)) {
        return false;
    }

    int n = gnutls_certificate_set_x509_trust_mem(
        certificate->credentials, &pem, GNUTLS_X509_FMT_PEM);
    free(pem.data);
    if (n <= 0) {
        *errorp = xasprintf("%s: %s", files->client_ca,
                            n ? gnutls_strerror(n) : "has no certificate");
        return false;
    }
    gnutls_certificate_set_verify_function(certificate->credentials,
                                           certificate_verify);
    certificate->request = (files->client_is_optional ? GNUTLS_CERT_REQUEST
                            : GNUTLS_CERT_REQUIRE);
    return true;
}

struct certificate *
certificate_load(const struct certificate_files *files, char **errorp)
{
    struct certificate *certificate = xzalloc(sizeof *certificate);

    certificate->n_refs = 1;
    if (gnutls_certificate_allocate_credentials(&certificate->credentials)) {
        out_of_memory();
    }
    if (!certificate_load_pair(certificate, files, errorp)
        || !certificate_load_ca(certificate, files, errorp)) {
        certificate_unref(certificate);
        return NULL;
    }
    return certificate;
}

struct certificate *
certificate_ref(struct certificate *certificate)
{
    certificate->n_refs++;
    return certificate;
}

void
certificate_unref(struct certificate *certificate)
{
    if (certificate && !--certificate->n_refs) {
        gnutls_certificate_free_credentials(certificate->credentials);
        free(certificate);
    }
}

void
certificate_use(const struct certificate *certificate,
                gnutls_session_t session)
{
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE,
                           certificate->credentials);
    gnutls_certificate_server_set_request(session, certificate->request);
}

time_t
certificate_begin(const struct certificate *certificate)
{
    return certificate->begin;
}

time_t
certificate_end(const struct certificate *certificate)
{
    return certificate->end;
}
