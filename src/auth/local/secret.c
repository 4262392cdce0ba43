/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts that must not be seen; see secret.h.
 */

#include <config.h>
#include "auth/local/secret.h"
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "base/ovs-compat.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "util.h"

BUILD_ASSERT_DECL(SHA256_DIGEST_LENGTH == sizeof(struct secret_digest));
BUILD_ASSERT_DECL(SECRET_LENGTH == 2 * SHA256_DIGEST_LENGTH);

static char *
secret_format(const uint8_t *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    char *text = xmalloc(2 * n + 1);

    for (size_t i = 0; i < n; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * n] = '\0';
    return text;
}

/* Without random bytes there is nothing safe that could be done instead. */
char *
secret_create(void)
{
    uint8_t bytes[SECRET_LENGTH / 2];
    char *text;

    while (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) {
        if (errno != EINTR) {
            ovs_abort(errno, "getrandom");
        }
    }
    text = secret_format(bytes, sizeof bytes);
    explicit_bzero(bytes, sizeof bytes);
    return text;
}

void
secret_free(char *text)
{
    if (text) {
        explicit_bzero(text, strlen(text));
        free(text);
    }
}

bool
secret_equals(const char *a, const char *b)
{
    size_t length = strlen(a);

    return length == strlen(b) && !CRYPTO_memcmp(a, b, length);
}

static void
secret_wipe_string(const struct json *json)
{
    char *text = CONST_CAST(char *, json_string(json));

    explicit_bzero(text, strlen(text));
}

/* The reader bounds the depth (JSON_DEPTH_MAX). */
static void
secret_wipe_json(const struct json *json)
{
    if (json->type == JSON_STRING) {
        secret_wipe_string(json);
    } else if (json->type == JSON_ARRAY) {
        for (size_t i = 0; i < json_array_size(json); i++) {
            secret_wipe_json(json_array_at(json, i));
        }
    } else if (json->type == JSON_OBJECT) {
        const struct shash_node *node;

        SHASH_FOR_EACH (node, json_object(json)) {
            secret_wipe_json(node->data);
        }
    }
}

void
secret_json_destroy(struct json *json)
{
    if (json) {
        secret_wipe_json(json);
        json_destroy(json);
    }
}

struct secret_digest
secret_digest_make(const char *text)
{
    struct secret_digest digest;

    SHA256((const unsigned char *) text, strlen(text), digest.bytes);
    return digest;
}

char *
secret_digest_format(const struct secret_digest *digest)
{
    return secret_format(digest->bytes, sizeof digest->bytes);
}
