/* SPDX-License-Identifier: Apache-2.0
 *
 * Which request heads are refused: a row for each rule.
 */

#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "http/framing.h"
#include "util.h"

struct framing_row {
    const char *title;
    const char *method;
    const char *target;
    const char *version;
    const char *fields[8];      /* Name, value, name, value, ... */
    const char *error;          /* NULL: accepted. */
    uint64_t content_length;
};

#define GET "GET", "/", "HTTP/1.1"
#define POST "POST", "/x?y=z", "HTTP/1.1"
#define HOST "Host", "h"

#define HOST_20 "host.host.host.host."
#define HOST_60 HOST_20 HOST_20 HOST_20
#define HOST_261 HOST_60 HOST_60 HOST_60 HOST_60 HOST_20 "x"

static const struct framing_row rows[] = {
    { "a plain GET is accepted", GET, { HOST }, NULL, 0 },
    { "an empty Host is accepted", GET, { "Host", "" }, NULL, 0 },
    { "OPTIONS * is accepted", "OPTIONS", "*", "HTTP/1.1", { HOST }, NULL, 0 },
    { "a length is read", POST, { HOST, "Content-Length", "114688" },
      NULL, 114688 },
    { "chunked is accepted in any case", POST,
      { "host", "h", "transfer-encoding", "CHUNKED" }, NULL, 0 },
    { "HTTP/1.0 needs no Host", "GET", "/", "HTTP/1.0", { NULL }, NULL, 0 },
    { "the largest length is read", POST,
      { HOST, "Content-Length", "18446744073709551599" },
      NULL, UINT64_C(18446744073709551599) },

    { "an address and a port are accepted", GET, { "Host", "[fd00::1]:9876" },
      NULL, 0 },

    { "a Host that is too long is refused", GET, { "Host", HOST_261 },
      "Host is too long.", 0 },
    { "a missing Host is refused", GET, { "Accept", "*/*" }, "No Host.", 0 },
    { "two Hosts are refused", GET, { HOST, "HOST", "h" },
      "More than one Host.", 0 },
    { "two equal lengths are refused", POST,
      { HOST, "Content-Length", "5", "content-length", "5" },
      "More than one Content-Length.", 5 },
    { "two encodings are refused", POST,
      { HOST, "Transfer-Encoding", "chunked", "Transfer-Encoding", "chunked" },
      "More than one Transfer-Encoding.", 0 },
    { "length and encoding are refused", POST,
      { HOST, "Content-Length", "5", "Transfer-Encoding", "chunked" },
      "Both Content-Length and Transfer-Encoding.", 5 },
    { "encoding and length are refused", POST,
      { HOST, "Transfer-Encoding", "chunked", "Content-Length", "5" },
      "Both Content-Length and Transfer-Encoding.", 5 },
    { "another encoding is refused", POST,
      { HOST, "Transfer-Encoding", "gzip, chunked" },
      "Transfer-Encoding is not chunked.", 0 },
    { "encoding in HTTP/1.0 is refused", "POST", "/", "HTTP/1.0",
      { "Transfer-Encoding", "chunked" }, "Transfer-Encoding in HTTP/1.0.",
      0 },
    { "a signed length is refused", POST, { HOST, "Content-Length", "+5" },
      "Content-Length is not a number.", 0 },
    { "an empty length is refused", POST, { HOST, "Content-Length", "" },
      "Content-Length is not a number.", 0 },
    { "a list of lengths is refused", POST, { HOST, "Content-Length", "5, 5" },
      "Content-Length is not a number.", 0 },
    { "a length beyond 64 bits is refused", POST,
      { HOST, "Content-Length", "18446744073709551616" },
      "Content-Length is not a number.", 0 },
    { "a space after a field name is refused", POST,
      { HOST, "Content-Length ", "5" }, "Malformed header field name.", 0 },
    { "an empty field name is refused", GET, { HOST, "", "5" },
      "Malformed header field name.", 0 },
    { "a control character in a field name is refused", GET,
      { HOST, "X\x01", "5" }, "Malformed header field name.", 0 },
    { "a malformed method is refused", "G(T", "/", "HTTP/1.1", { HOST },
      "Malformed method.", 0 },
    { "a space in the target is refused", "GET", "/a b", "HTTP/1.1", { HOST },
      "The request target holds a forbidden byte.", 0 },
    { "a tab in the target is refused", "GET", "/a\tb", "HTTP/1.1", { HOST },
      "The request target holds a forbidden byte.", 0 },
    { "DEL in the target is refused", "GET", "/a\x7f", "HTTP/1.1", { HOST },
      "The request target holds a forbidden byte.", 0 },
    { "UTF-8 in the target is accepted", "GET", "/\xc3\xa4", "HTTP/1.1",
      { HOST }, NULL, 0 },
    { "a whole URL as target is refused", "GET", "http://h/", "HTTP/1.1",
      { HOST }, "The request target is not a path.", 0 },
    { "no target is refused", "GET", NULL, "HTTP/1.1", { HOST },
      "The request target is not a path.", 0 },
};

static void
test_rows(void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct framing_row *row = &rows[i];
        struct http_framing framing = HTTP_FRAMING_INITIALIZER;

        http_framing_add_target(&framing, row->target);
        for (size_t j = 0; j + 1 < ARRAY_SIZE(row->fields)
             && row->fields[j] && row->fields[j + 1]; j += 2) {
            http_framing_add(&framing, row->fields[j], row->fields[j + 1]);
        }

        const char *error = http_framing_finish(&framing, row->method,
                                                row->version);
        if ((error && !row->error) || (!error && row->error)
            || (error && strcmp(error, row->error))
            || framing.content_length != row->content_length) {
            fail_msg("%s: %s", row->title, error ? error : "accepted");
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
