/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of states; see status.h.
 */

#include <config.h>
#include "model/status.h"
#include <string.h>
#include "util.h"

static const char *const provisioning_names[] = {
#define PROVISIONING_STATUS(NAME) [PS_##NAME] = #NAME,
    PROVISIONING_STATUSES
#undef PROVISIONING_STATUS
};

static const char *const operating_names[] = {
#define OPERATING_STATUS(NAME) [OS_##NAME] = #NAME,
    OPERATING_STATUSES
#undef OPERATING_STATUS
};

static int
find_name(const char *const *names, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(names[i], word)) {
            return i;
        }
    }
    return -1;
}

const char *
provisioning_status_to_string(enum provisioning_status status)
{
    ovs_assert(status < ARRAY_SIZE(provisioning_names));
    return provisioning_names[status];
}

const char *
operating_status_to_string(enum operating_status status)
{
    ovs_assert(status < ARRAY_SIZE(operating_names));
    return operating_names[status];
}

bool
provisioning_status_from_string(const char *word,
                                enum provisioning_status *ret)
{
    int i = find_name(provisioning_names, ARRAY_SIZE(provisioning_names),
                      word);
    if (i >= 0) {
        *ret = i;
    }
    return i >= 0;
}

bool
operating_status_from_string(const char *word, enum operating_status *ret)
{
    int i = find_name(operating_names, ARRAY_SIZE(operating_names), word);
    if (i >= 0) {
        *ret = i;
    }
    return i >= 0;
}

bool
provisioning_status_is_pending(enum provisioning_status status)
{
    return (status == PS_PENDING_CREATE || status == PS_PENDING_UPDATE
            || status == PS_PENDING_DELETE);
}
