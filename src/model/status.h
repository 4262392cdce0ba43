/* SPDX-License-Identifier: Apache-2.0
 *
 * The words for states.  Each set is one table; the order is the severity
 * that nothing depends on.
 */

#ifndef MODEL_STATUS_H
#define MODEL_STATUS_H 1

#include <stdbool.h>

#define PROVISIONING_STATUSES                   \
    PROVISIONING_STATUS(ACTIVE)                 \
    PROVISIONING_STATUS(PENDING_CREATE)         \
    PROVISIONING_STATUS(PENDING_UPDATE)         \
    PROVISIONING_STATUS(PENDING_DELETE)         \
    PROVISIONING_STATUS(ERROR)

enum provisioning_status {
#define PROVISIONING_STATUS(NAME) PS_##NAME,
    PROVISIONING_STATUSES
#undef PROVISIONING_STATUS
    N_PROVISIONING_STATUSES
};

#define OPERATING_STATUSES                      \
    OPERATING_STATUS(ONLINE)                    \
    OPERATING_STATUS(OFFLINE)                   \
    OPERATING_STATUS(DEGRADED)                  \
    OPERATING_STATUS(ERROR)                     \
    OPERATING_STATUS(DRAINING)                  \
    OPERATING_STATUS(NO_MONITOR)

enum operating_status {
#define OPERATING_STATUS(NAME) OS_##NAME,
    OPERATING_STATUSES
#undef OPERATING_STATUS
    N_OPERATING_STATUSES
};

const char *provisioning_status_to_string(enum provisioning_status);
const char *operating_status_to_string(enum operating_status);

/* Return false, and touch nothing, if 'word' is none. */
bool provisioning_status_from_string(const char *word,
                                     enum provisioning_status *ret);
bool operating_status_from_string(const char *word,
                                  enum operating_status *ret);

/* True if the object still waits for the driver. */
bool provisioning_status_is_pending(enum provisioning_status);

#endif /* model/status.h */
