/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules for request heads; see framing.h.
 */

#include <config.h>
#include "http/framing.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include "util.h"

/* The longest name of a host, and a port.  It comes back in every link of an
 * answer. */
#define HOST_BYTES_MAX (253 + sizeof ":65535" - 1)

static void
http_framing_fail(struct http_framing *framing, const char *error)
{
    if (!framing->error) {
        framing->error = error;
    }
}

/* True if 's' is a token (RFC 9110, 5.6.2).  A text that is no token is often
 * a field name with a space behind it: some read "Content-Length : 5" as a
 * length and some do not. */
static bool
http_framing_is_token(const char *s)
{
    if (!*s) {
        return false;
    }
    for (; *s; s++) {
        if (!isalnum((unsigned char) *s) && !strchr("!#$%&'*+-.^_`|~", *s)) {
            return false;
        }
    }
    return true;
}

static bool
http_framing_parse_length(const char *value, uint64_t *ret_length)
{
    uint64_t length = 0;

    if (!*value) {
        return false;
    }
    for (; *value; value++) {
        if (*value < '0' || *value > '9' || length > UINT64_MAX / 10 - 1) {
            return false;
        }
        length = length * 10 + (*value - '0');
    }
    *ret_length = length;
    return true;
}

static void
http_framing_add_length(struct http_framing *framing, const char *value)
{
    if (framing->n_lengths++) {
        http_framing_fail(framing, "More than one Content-Length.");
    } else if (!http_framing_parse_length(value, &framing->content_length)) {
        http_framing_fail(framing, "Content-Length is not a number.");
    }
}

static void
http_framing_add_encoding(struct http_framing *framing, const char *value)
{
    if (framing->n_encodings++) {
        http_framing_fail(framing, "More than one Transfer-Encoding.");
    } else if (strcasecmp(value, "chunked")) {
        http_framing_fail(framing, "Transfer-Encoding is not chunked.");
    }
}

void
http_framing_add(struct http_framing *framing, const char *name,
                 const char *value)
{
    if (!value) {
        value = "";
    }
    if (!http_framing_is_token(name)) {
        http_framing_fail(framing, "Malformed header field name.");
    } else if (!strcasecmp(name, "Content-Length")) {
        http_framing_add_length(framing, value);
    } else if (!strcasecmp(name, "Transfer-Encoding")) {
        http_framing_add_encoding(framing, value);
    } else if (!strcasecmp(name, "Host")) {
        framing->n_hosts++;
        if (strlen(value) > HOST_BYTES_MAX) {
            http_framing_fail(framing, "Host is too long.");
        }
    }
}

void
http_framing_add_target(struct http_framing *framing, const char *target)
{
    if (!target || (*target != '/' && strcmp(target, "*"))) {
        http_framing_fail(framing, "The request target is not a path.");
        return;
    }
    for (; *target; target++) {
        if ((*target > 0 && *target <= ' ') || *target == 0x7f) {
            http_framing_fail(framing,
                              "The request target holds a forbidden byte.");
            return;
        }
    }
}

const char *
http_framing_finish(struct http_framing *framing, const char *method,
                    const char *version)
{
    bool http10 = !strcmp(version, "HTTP/1.0");

    if (!http_framing_is_token(method)) {
        http_framing_fail(framing, "Malformed method.");
    }
    if (framing->n_lengths && framing->n_encodings) {
        http_framing_fail(framing,
                          "Both Content-Length and Transfer-Encoding.");
    }
    if (framing->n_encodings && http10) {
        http_framing_fail(framing, "Transfer-Encoding in HTTP/1.0.");
    }
    if (framing->n_hosts > 1 || (!framing->n_hosts && !http10)) {
        http_framing_fail(framing, framing->n_hosts ? "More than one Host."
                                                    : "No Host.");
    }
    return framing->error;
}
