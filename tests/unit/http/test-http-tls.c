/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP server over TLS, and clients that stop in the middle of a
 * handshake: these cost nothing, and make room, as all that send no request.
 */

#include <config.h>
#include "http-harness.h"
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include "http/certificate.h"

#define CERT "test-http-tls.crt"
#define KEY "test-http-tls.key"
#define HALVES 10

/* --- The certificate ----------------------------------------------------- */

static void
make_pair(long int serial)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    X509_NAME *name = X509_get_subject_name(cert);

    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), serial);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               (const unsigned char *) "test", -1, -1, 0);
    X509_set_issuer_name(cert, name);
    X509_set_pubkey(cert, key);
    assert_true(X509_sign(cert, key, EVP_sha256()));

    FILE *file = fopen(CERT, "w");
    assert_true(PEM_write_X509(file, cert));
    fclose(file);
    file = fopen(KEY, "w");
    assert_true(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL));
    fclose(file);
    assert_int_equal(chmod(KEY, 0600), 0);
    X509_free(cert);
    EVP_PKEY_free(key);
}

static int
setup_limited(void **state, unsigned int limit_s)
{
    struct listen_address address = {
        .text = CONST_CAST(char *, "https"),
        .host = CONST_CAST(char *, "127.0.0.1"),
        .is_tls = true,
    };
    const struct listen_addresses addresses = { &address, 1 };
    const struct certificate_files files = {
        .certificate = CONST_CAST(char *, CERT),
        .private_key = CONST_CAST(char *, KEY),
    };
    const struct http_server_options options = {
        .addresses = &addresses,
        .certificate = &files,
        .body_bytes_max = BODY_MAX,
        .connections_max = CONNECTIONS_MAX,
        .idle_timeout_s = limit_s,
        .stranger_timeout_s = limit_s,
        .answers_bytes_max = ANSWERS_MAX,
    };
    const struct http_handlers handlers = { .complete = handle };
    struct fixture *f = xzalloc(sizeof *f);
    char *error = NULL;

    make_pair(1);
    f->server = http_server_open(&options, &handlers, f, &error);
    assert_null(error);
    *state = f;
    return 0;
}

static int
setup_tls(void **state)
{
    return setup_limited(state, PATIENT_IDLE_S);
}

static int
setup_impatient(void **state)
{
    return setup_limited(state, IDLE_S);
}

/* --- Clients ------------------------------------------------------------- */

struct tls_client {
    struct client c;
    SSL_CTX *ctx;
    SSL *ssl;
};

static void
tls_open(struct tls_client *t, const struct fixture *f)
{
    client_open(&t->c, f);
    t->ctx = SSL_CTX_new(TLS_client_method());
    t->ssl = SSL_new(t->ctx);
    SSL_set_fd(t->ssl, t->c.fd);
}

static void
tls_close(struct tls_client *t)
{
    SSL_free(t->ssl);
    SSL_CTX_free(t->ctx);
    client_close(&t->c);
}

static void
tls_shake(struct tls_client *t, struct fixture *f)
{
    TURN_UNTIL(f, NULL, SSL_connect(t->ssl) == 1);
}

/* Returns the serial number of the server's certificate. */
static long int
tls_serial(const struct tls_client *t)
{
    X509 *cert = SSL_get1_peer_certificate(t->ssl);
    long int serial = ASN1_INTEGER_get(X509_get_serialNumber(cert));

    X509_free(cert);
    return serial;
}

/* Returns true if the whole reply is here. */
static bool
tls_read(struct tls_client *t)
{
    char buffer[16384];
    size_t body;
    int n;

    while ((n = SSL_read(t->ssl, buffer, sizeof buffer)) > 0) {
        ds_put_buffer(&t->c.in, buffer, n);
    }
    return find_reply(&t->c, true, &body) > 0;
}

static void
tls_ask(struct tls_client *t, struct fixture *f)
{
    static const char request[] = "GET /a HTTP/1.1\r\n" HOST CRLF;

    ds_clear(&t->c.in);
    assert_int_equal(SSL_write(t->ssl, request, strlen(request)),
                     strlen(request));
    TURN_UNTIL(f, NULL, tls_read(t));
    assert_non_null(strstr(ds_cstr(&t->c.in), "HTTP/1.1 200 "));
    assert_non_null(strstr(ds_cstr(&t->c.in), "GET /a [] "));
}

/* A client that says nothing, part of its first message, or all of that, and
 * then no more. */
static void
half_open(struct client *c, struct fixture *f, int kind)
{
    BIO *out = BIO_new(BIO_s_mem());
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(ctx);
    const char *hello;

    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), out);
    assert_int_equal(SSL_connect(ssl), -1);
    size_t bytes = BIO_get_mem_data(out, &hello);
    client_open(c, f);
    client_send(f, c, hello, kind == 0 ? 0 : kind == 1 ? 50 : bytes);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

/* --- Tests --------------------------------------------------------------- */

static void
requests_are_answered(void **state)
{
    struct fixture *f = *state;
    struct tls_client t;

    tls_open(&t, f);
    tls_shake(&t, f);
    for (int i = 0; i < 5; i++) {
        tls_ask(&t, f);
    }
    tls_close(&t);
}

/* Returns how often the server's own wait wakes the loop in 'ms'. */
static int
count_turns(struct fixture *f, int ms)
{
    long long int end = time_msec() + ms;
    int n = 0;

    do {
        http_server_wait(f->server);
        poll_timer_wait_until(end);
        poll_block();
        http_server_run(f->server);
        n++;
    } while (time_msec() < end);
    return n;
}

static void
half_open_handshakes_let_the_loop_sleep(void **state)
{
    struct fixture *f = *state;
    struct client halves[3 * HALVES];

    for (size_t i = 0; i < ARRAY_SIZE(halves); i++) {
        half_open(&halves[i], f, i % 3);
    }
    /* As soon as it has taken all of them, which wakes it. */
    long long int end_ms = time_msec() + DEADLINE_MS;
    int n;
    do {
        n = count_turns(f, 200);
    } while (n > 20 && time_msec() < end_ms);
    assert_in_range(n, 1, 20);
    for (size_t i = 0; i < ARRAY_SIZE(halves); i++) {
        client_close(&halves[i]);
    }
}

static void
half_open_handshakes_are_cut(void **state)
{
    struct fixture *f = *state;
    struct client halves[3];

    for (size_t i = 0; i < ARRAY_SIZE(halves); i++) {
        half_open(&halves[i], f, i);
    }
    for (size_t i = 0; i < ARRAY_SIZE(halves); i++) {
        TURN_UNTIL(f, &halves[i], halves[i].eof);
        client_close(&halves[i]);
    }
}

static void
half_open_handshakes_make_room(void **state)
{
    struct fixture *f = *state;
    struct client halves[2 * CONNECTIONS_MAX];

    for (size_t i = 0; i < ARRAY_SIZE(halves); i++) {
        half_open(&halves[i], f, i % 3);
    }
    for (int i = 0; i < 3; i++) {
        requests_are_answered(state);
    }
    for (size_t i = 0; i < ARRAY_SIZE(halves); i++) {
        client_close(&halves[i]);
    }
}

/* The library ends the process if it ends with suspended connections. */
static void
close_ends_handshakes(void **state)
{
    struct fixture *f;
    struct client halves[3];

    setup_tls(state);
    f = *state;
    for (size_t i = 0; i < ARRAY_SIZE(halves); i++) {
        half_open(&halves[i], f, i);
    }
    count_turns(f, 50);
    teardown(state);
    for (size_t i = 0; i < ARRAY_SIZE(halves); i++) {
        client_close(&halves[i]);
    }
}

static void
certificate_is_replaced(void **state)
{
    struct fixture *f = *state;
    struct tls_client old, begun, new;

    tls_open(&old, f);
    tls_shake(&old, f);
    assert_int_equal(tls_serial(&old), 1);
    size_t n_fds = count_fds();
    tls_open(&begun, f);
    TURN_UNTIL(f, NULL, count_fds() == n_fds + 2);

    make_pair(2);
    assert_null(http_server_reload(f->server));
    tls_ask(&old, f);
    tls_shake(&begun, f);
    assert_int_equal(tls_serial(&begun), 1);
    tls_open(&new, f);
    tls_shake(&new, f);
    assert_int_equal(tls_serial(&new), 2);

    assert_int_equal(chmod(KEY, 0644), 0);
    assert_non_null(strstr(http_server_reload(f->server), "every user"));
    tls_ask(&new, f);
    tls_close(&old);
    tls_close(&begun);
    tls_close(&new);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(requests_are_answered, setup_tls,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            half_open_handshakes_let_the_loop_sleep, setup_tls, teardown),
        cmocka_unit_test_setup_teardown(half_open_handshakes_are_cut,
                                        setup_impatient, teardown),
        cmocka_unit_test_setup_teardown(half_open_handshakes_make_room,
                                        setup_tls, teardown),
        cmocka_unit_test(close_ends_handshakes),
        cmocka_unit_test_setup_teardown(certificate_is_replaced, setup_tls,
                                        teardown),
    };

    init_tests();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
