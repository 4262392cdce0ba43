/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP client over TLS: whom it trusts, and who it says it is.  The server
 * is another process, since it blocks.
 */

#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "http/client.h"
#include "openvswitch/poll-loop.h"
#include "timeval.h"
#include "util.h"

#define CERT "test-http-client-tls.crt"
#define KEY "test-http-client-tls.key"
#define TIMEOUT_MS 8000

static const char RESPONSE[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
                               "Connection: close\r\n\r\nok";

/* --- The server ---------------------------------------------------------- */

static void
add_extension(X509 *cert, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

    assert_non_null(extension);
    assert_true(X509_add_ext(cert, extension, -1));
    X509_EXTENSION_free(extension);
}

/* A certificate for 127.0.0.1 that vouches for itself, for either side. */
static void
make_certificate(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    X509_NAME *name = X509_get_subject_name(cert);

    assert_non_null(key);
    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               (const unsigned char *) "test", -1, -1, 0);
    X509_set_issuer_name(cert, name);
    X509_set_pubkey(cert, key);
    add_extension(cert, NID_subject_alt_name, "IP:127.0.0.1");
    add_extension(cert, NID_basic_constraints, "critical,CA:TRUE");
    assert_true(X509_sign(cert, key, EVP_sha256()));

    FILE *file = fopen(CERT, "w");
    assert_true(PEM_write_X509(file, cert));
    fclose(file);
    file = fopen(KEY, "w");
    assert_true(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL));
    fclose(file);
    X509_free(cert);
    EVP_PKEY_free(key);
}

static SSL_CTX *
create_context(bool asks_for_certificate)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

    SSL_CTX_use_certificate_file(ctx, CERT, SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(ctx, KEY, SSL_FILETYPE_PEM);
    SSL_CTX_load_verify_locations(ctx, CERT, NULL);
    if (asks_for_certificate) {
        SSL_CTX_set_verify(ctx, (SSL_VERIFY_PEER
                                 | SSL_VERIFY_FAIL_IF_NO_PEER_CERT), NULL);
    }
    return ctx;
}

/* Answers one request after the other until it is killed. */
static void
serve(int listen_fd, bool asks_for_certificate)
{
    SSL_CTX *ctx = create_context(asks_for_certificate);

    for (;;) {
        int fd = accept(listen_fd, NULL, NULL);
        SSL *ssl = SSL_new(ctx);
        char buffer[4096];

        SSL_set_fd(ssl, fd);
        if (SSL_accept(ssl) == 1
            && SSL_read(ssl, buffer, sizeof buffer) > 0) {
            SSL_write(ssl, RESPONSE, strlen(RESPONSE));
            SSL_shutdown(ssl);
        }
        SSL_free(ssl);
        close(fd);
    }
}

/* Returns its process id, and stores its port. */
static pid_t
start_server(bool asks_for_certificate, int *ret_port)
{
    struct sockaddr_in sin = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    socklen_t length = sizeof sin;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *) &sin, sizeof sin), 0);
    assert_int_equal(listen(fd, 10), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *) &sin, &length), 0);

    pid_t pid = fork();
    if (!pid) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGPIPE, SIG_IGN);
        serve(fd, asks_for_certificate);
    }
    close(fd);
    *ret_port = ntohs(sin.sin_port);
    return pid;
}

static int
setup(void **state)
{
    make_certificate();
    return 0;
}

static int
teardown(void **state)
{
    unlink(CERT);
    unlink(KEY);
    return 0;
}

/* --- The client ---------------------------------------------------------- */

struct result {
    bool is_done;
    int status;
    char *error;
};

static void
note_result(const struct http_response *response, void *result_)
{
    struct result *result = result_;

    result->is_done = true;
    result->status = response->status;
    result->error = nullable_xstrdup(response->error);
    assert_false(!response->status && response->was_sent);
}

static void
get(const struct http_client_options *options, const char *host, int port,
    struct result *result)
{
    struct http_client *client = http_client_create(options);
    char *url = xasprintf("https://%s:%d/", host, port);
    const struct http_call_options call = {
        .method = "GET",
        .url = url,
        .timeout_ms = TIMEOUT_MS,
    };

    memset(result, 0, sizeof *result);
    http_client_send(client, &call, note_result, result);
    while (!result->is_done) {
        http_client_run(client);
        http_client_wait(client);
        if (!result->is_done) {
            poll_block();
        }
    }
    free(url);
    http_client_destroy(client);
}

static void
who_is_trusted(void **state)
{
    static const struct {
        const char *name;
        bool asks_for_certificate;
        const char *host;
        struct http_client_options options;
        const char *error;      /* NULL: none. */
    } rows[] = {
        { "an authority that we know", false, "127.0.0.1",
          { .ca_file = CERT }, NULL },
        { "an authority that we do not know", false, "127.0.0.1",
          { .ca_file = NULL }, "certificate" },
        { "anybody", false, "127.0.0.1", { .insecure = true }, NULL },
        { "another host", false, "localhost", { .ca_file = CERT },
          "SSL: no alternative certificate subject name matches" },
        { "another host, if it does not matter", false, "localhost",
          { .insecure = true }, NULL },
        { "no such authority", false, "127.0.0.1",
          { .ca_file = "no/such/file" }, "no/such/file" },
        { "our own certificate", true, "127.0.0.1",
          { .ca_file = CERT, .cert_file = CERT, .key_file = KEY }, NULL },
        { "our own certificate without its key", true, "127.0.0.1",
          { .ca_file = CERT, .cert_file = CERT, .key_file = "no/such/file" },
          "no/such/file" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct http_client_options options = rows[i].options;
        struct result result;
        int port;
        pid_t pid = start_server(rows[i].asks_for_certificate, &port);

        print_message("  %s\n", rows[i].name);
        options.connections_max = 1;
        options.connect_timeout_ms = TIMEOUT_MS;
        options.response_bytes_max = 1000;
        get(&options, rows[i].host, port, &result);
        assert_int_equal(result.status, rows[i].error ? 0 : 200);
        if (rows[i].error && !strstr(result.error, rows[i].error)) {
            fail_msg("error is: %s", result.error);
        }
        free(result.error);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_is_trusted, setup, teardown),
    };

    setvbuf(stdout, NULL, _IOLBF, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
