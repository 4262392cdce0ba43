/* SPDX-License-Identifier: Apache-2.0
 *
 * Request ids; see request-id.h.
 */

#include <config.h>
#include "base/request-id.h"
#include <string.h>
#include "util.h"
#include "uuid.h"

#define REQUEST_ID_PREFIX "req-"

bool
request_id_is_valid(const char *s)
{
    const size_t prefix_len = strlen(REQUEST_ID_PREFIX);
    struct uuid uuid;

    return (s && !strncmp(s, REQUEST_ID_PREFIX, prefix_len)
            && strlen(s) == prefix_len + UUID_LEN
            && uuid_from_string(&uuid, s + prefix_len)
            && !s[strcspn(s, "ABCDEF")]);
}
