/* SPDX-License-Identifier: Apache-2.0
 *
 * One request and its response; see transfer.h.
 *
 * libcurl repeats a request by itself if a connection that was kept turns out
 * to be dead.  This is wanted, except where the server may have acted on the
 * first one: so a POST cannot be rewound.
 */

#include <config.h>
#include "http/transfer.h"
#include <stdlib.h>
#include <string.h>
#include "base/limits.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

struct transfer {
    const struct http_client_options *options;  /* The client's. */
    CURL *handle;               /* NULL until it is needed. */

    /* Out. */
    char *method;
    char *url;
    struct curl_slist *headers;
    char *body;                 /* NULL if there is none. */
    size_t body_bytes;
    size_t body_offset;         /* The start of what is still to be sent. */

    /* In. */
    struct ds response;
    size_t head_bytes;
    bool is_head_complete;      /* libcurl is content with less. */
    bool is_too_long;
    char error[CURL_ERROR_SIZE];
};

struct transfer *
transfer_create(const struct http_client_options *options,
                const struct http_call_options *call)
{
    struct transfer *t = xzalloc(sizeof *t);

    t->options = options;
    t->method = xstrdup(call->method);
    t->url = xstrdup(call->url);
    for (size_t i = 0; call->headers && call->headers[i]; i++) {
        t->headers = curl_slist_append(t->headers, call->headers[i]);
    }
    /* Else libcurl asks the server, and waits a second, before it sends a
     * body that is somewhat longer. */
    t->headers = curl_slist_append(t->headers, "Expect:");
    if (call->body) {
        t->body = xmemdup(call->body, MAX(call->body_bytes, 1));
        t->body_bytes = call->body_bytes;
    }
    ds_init(&t->response);
    return t;
}

void
transfer_destroy(struct transfer *t)
{
    if (t) {
        curl_easy_cleanup(t->handle);
        curl_slist_free_all(t->headers);
        ds_destroy(&t->response);
        free(t->method);
        free(t->url);
        free(t->body);
        free(t);
    }
}

/* --- Callbacks of libcurl ------------------------------------------------ */

static size_t
transfer_read_body(char *buffer, size_t size, size_t n_items, void *t_)
{
    struct transfer *t = t_;
    size_t n = MIN(size * n_items, t->body_bytes - t->body_offset);

    if (n) {
        memcpy(buffer, t->body + t->body_offset, n);
        t->body_offset += n;
    }
    return n;
}

static int
transfer_rewind_body(void *t_, curl_off_t offset, int origin)
{
    struct transfer *t = t_;

    if (origin != SEEK_SET || offset < 0 || offset > t->body_bytes) {
        return CURL_SEEKFUNC_FAIL;
    }
    t->body_offset = offset;
    return CURL_SEEKFUNC_OK;
}

/* Callbacks that end the transfer by taking less than they are given. */

static size_t
transfer_write_response(char *data, size_t size, size_t n_items, void *t_)
{
    struct transfer *t = t_;
    size_t n = size * n_items;

    if (n > t->options->response_bytes_max - t->response.length) {
        t->is_too_long = true;
        return 0;
    }
    ds_put_buffer(&t->response, data, n);
    return n;
}

/* Called for each line of the head. */
static size_t
transfer_check_head(char *data, size_t size, size_t n_items, void *t_)
{
    struct transfer *t = t_;
    size_t n = size * n_items;

    if (n > HTTP_RESPONSE_HEAD_BYTES_MAX - t->head_bytes) {
        t->is_too_long = true;
        return 0;
    }
    t->head_bytes += n;
    if (n >= 5 && !memcmp(data, "HTTP/", 5)) {
        /* Maybe another one, after an interim response (1xx). */
        t->is_head_complete = false;
    } else if (n <= 2 && data[n - 1] == '\n') {
        t->is_head_complete = true;
    }
    return n;
}

/* --- The handle ---------------------------------------------------------- */

static void
transfer_set_up_request(struct transfer *t)
{
    bool is_post = !strcmp(t->method, "POST");

    curl_easy_setopt(t->handle, CURLOPT_URL, t->url);
    curl_easy_setopt(t->handle, CURLOPT_HTTPHEADER, t->headers);
    curl_easy_setopt(t->handle, CURLOPT_USERAGENT,
                     "ovn-octavia/" OVN_OCTAVIA_VERSION);
    if (t->body || is_post) {
        curl_easy_setopt(t->handle, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(t->handle, CURLOPT_INFILESIZE_LARGE,
                         (curl_off_t) t->body_bytes);
        curl_easy_setopt(t->handle, CURLOPT_READFUNCTION, transfer_read_body);
        curl_easy_setopt(t->handle, CURLOPT_READDATA, t);
    } else if (!strcmp(t->method, "HEAD")) {
        curl_easy_setopt(t->handle, CURLOPT_NOBODY, 1L);
    }
    curl_easy_setopt(t->handle, CURLOPT_CUSTOMREQUEST, t->method);

    if (!is_post) {
        curl_easy_setopt(t->handle, CURLOPT_SEEKFUNCTION,
                         transfer_rewind_body);
        curl_easy_setopt(t->handle, CURLOPT_SEEKDATA, t);
    } else if (!t->body_bytes) {
        /* Nothing to rewind, so it must not be repeated in the first
         * place. */
        curl_easy_setopt(t->handle, CURLOPT_FRESH_CONNECT, 1L);
    }
}

static void
transfer_set_up_response(struct transfer *t)
{
    curl_easy_setopt(t->handle, CURLOPT_MAXFILESIZE_LARGE,
                     (curl_off_t) t->options->response_bytes_max);
    curl_easy_setopt(t->handle, CURLOPT_WRITEFUNCTION,
                     transfer_write_response);
    curl_easy_setopt(t->handle, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(t->handle, CURLOPT_HEADERFUNCTION, transfer_check_head);
    curl_easy_setopt(t->handle, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(t->handle, CURLOPT_ERRORBUFFER, t->error);
}

static void
transfer_set_up_connection(struct transfer *t)
{
    const struct http_client_options *o = t->options;

    /* A redirection would take the token to wherever the answer says. */
    curl_easy_setopt(t->handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(t->handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(t->handle, CURLOPT_HTTP_VERSION,
                     (long int) CURL_HTTP_VERSION_1_1);

    /* No proxy, whatever the environment says: what we talk to is in the
     * cloud's own management network, and a variable that was inherited by
     * accident must not take passwords elsewhere. */
    curl_easy_setopt(t->handle, CURLOPT_PROXY, "");

    curl_easy_setopt(t->handle, CURLOPT_CONNECTTIMEOUT_MS,
                     (long int) o->connect_timeout_ms);

    /* No alarm() for the resolver, which is a thread; and if that hangs when
     * the transfer ends, it is left alone, not waited for. */
    curl_easy_setopt(t->handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(t->handle, CURLOPT_QUICK_EXIT, 1L);

    curl_easy_setopt(t->handle, CURLOPT_SSLVERSION,
                     (long int) CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(t->handle, CURLOPT_SSL_VERIFYPEER,
                     o->insecure ? 0L : 1L);
    curl_easy_setopt(t->handle, CURLOPT_SSL_VERIFYHOST,
                     o->insecure ? 0L : 2L);
    if (o->ca_file) {
        curl_easy_setopt(t->handle, CURLOPT_CAINFO, o->ca_file);
    }
    if (o->cert_file) {
        curl_easy_setopt(t->handle, CURLOPT_SSLCERT, o->cert_file);
    }
    if (o->key_file) {
        curl_easy_setopt(t->handle, CURLOPT_SSLKEY, o->key_file);
    }
}

CURL *
transfer_handle(struct transfer *t, void *aux)
{
    if (!t->handle) {
        t->handle = curl_easy_init();
        if (!t->handle) {
            out_of_memory();
        }
        transfer_set_up_request(t);
        transfer_set_up_response(t);
        transfer_set_up_connection(t);
        curl_easy_setopt(t->handle, CURLOPT_PRIVATE, aux);
    }
    return t->handle;
}

/* --- What came of it ----------------------------------------------------- */

bool
transfer_was_sent(const struct transfer *t)
{
    long int bytes = 0;

    if (t->handle) {
        curl_easy_getinfo(t->handle, CURLINFO_REQUEST_SIZE, &bytes);
    }
    return bytes > 0;
}

unsigned long int
transfer_n_connects(const struct transfer *t)
{
    long int n = 0;

    if (t->handle) {
        curl_easy_getinfo(t->handle, CURLINFO_NUM_CONNECTS, &n);
    }
    return n;
}

static const char *
transfer_get_header(struct transfer *t, const char *name)
{
    struct curl_header *header;

    return (curl_easy_header(t->handle, name, 0, CURLH_HEADER, -1, &header)
            ? NULL
            : header->value);
}

/* Returns libcurl's own words, which name hosts, ports and certificates,
 * nothing that we sent. */
static const char *
transfer_describe_error(const struct transfer *t, CURLcode result)
{
    return (t->is_too_long ? "the response is too long"
            : t->error[0] ? t->error
            : result == CURLE_PARTIAL_FILE ? "the response is incomplete"
            : curl_easy_strerror(result));
}

void
transfer_get_response(struct transfer *t, CURLcode result,
                      struct http_response *ret)
{
    *ret = (struct http_response) {
        .was_sent = transfer_was_sent(t),
        .body = "",
    };
    if (result == CURLE_OK && !t->is_head_complete) {
        result = CURLE_PARTIAL_FILE;
    }
    if (result != CURLE_OK) {
        ret->error = transfer_describe_error(t, result);
        return;
    }

    long int status = 0;
    curl_easy_getinfo(t->handle, CURLINFO_RESPONSE_CODE, &status);
    ret->status = status;
    ret->body = ds_cstr(&t->response);
    ret->body_bytes = t->response.length;
    ret->content_type = transfer_get_header(t, "Content-Type");
    ret->retry_after = transfer_get_header(t, "Retry-After");
    ret->subject_token = transfer_get_header(t, "X-Subject-Token");
}
