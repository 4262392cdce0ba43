/* SPDX-License-Identifier: Apache-2.0
 *
 * The heads of requests and of answers, as far as we read them and not the
 * HTTP libraries.
 */

#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "api/media-types.h"
#include "auth/retry.h"
#include "base/limits.h"
#include "fuzz.h"
#include "http/client.h"
#include "http/framing.h"
#include "util.h"

static void
take_header(struct http_framing *framing, const char *name, const char *value)
{
    const struct http_response response = {
        .status = 503,
        .retry_after = value,
    };
    int delay_ms = retry_delay_ms(true, 1, &response, 12345);

    ovs_assert(delay_ms >= -1 && delay_ms <= REST_RETRY_AFTER_MAX_MS);
    if (value) {
        char *with_json = xasprintf("%s,application/json", value);

        ovs_assert(accept_allows_json(with_json));
        ovs_assert(!content_type_is(value, "application/json")
                   || !content_type_is(value, "text/plain"));
        free(with_json);
    }
    accept_allows_json(value);
    http_framing_add(framing, name, value);
}

/* METHOD, TARGET and VERSION, a line each, then "NAME:VALUE", a line each. */
void
fuzz_head(const char *data, size_t size OVS_UNUSED)
{
    struct http_framing framing = HTTP_FRAMING_INITIALIZER;
    char *copy = xstrdup(data);
    char *rest = copy;
    const char *method = strsep(&rest, "\n");
    const char *target = strsep(&rest, "\n");
    const char *version = strsep(&rest, "\n");
    unsigned int n = 0;

    http_framing_add_target(&framing, target);
    for (char *name; (name = strsep(&rest, "\n")); n++) {
        char *value = strchr(name, ':');

        if (value) {
            *value++ = '\0';
        }
        take_header(&framing, name, value);
    }

    const char *error = http_framing_finish(&framing, method,
                                            version ? version : "");
    if (!error) {
        ovs_assert(framing.n_lengths + framing.n_encodings <= 1);
        ovs_assert(framing.n_hosts <= 1 && framing.n_hosts <= n);
        ovs_assert(framing.n_lengths || !framing.content_length);
        ovs_assert(target && !strpbrk(target, " \t\r\x7f"));
    }
    free(copy);
}
