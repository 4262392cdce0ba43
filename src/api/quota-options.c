/* SPDX-License-Identifier: Apache-2.0
 *
 * The settings of quotas; see quota-options.h.
 */

#include <config.h>
#include "api/quota-options.h"
#include <stdlib.h>
#include "base/daemon-options.h"
#include "util.h"

#define SECTION "quotas"

static const char *const names[] = {
#define QUOTA_KIND(NAME, COLUMN) "default_" #COLUMN "_quota",
    QUOTA_KINDS
#undef QUOTA_KIND
};

size_t
quota_options_add(struct quota_options *options, struct daemon_option *table,
                  size_t n)
{
    for (size_t i = 0; i < N_QUOTA_KINDS; i++) {
        table[n++] = (struct daemon_option) {
            NULL, NULL, NULL,
            { SECTION, names[i], &options->texts[i], NULL }
        };
    }
    return n;
}

void
quota_options_finish(struct quota_options *options, struct config *config)
{
    for (size_t i = 0; i < N_QUOTA_KINDS; i++) {
        int limit = QUOTA_UNLIMITED;

        config_set_default(&options->texts[i],
                           xasprintf("%d", QUOTA_UNLIMITED));
        if (!str_to_int(options->texts[i], 10, &limit)
            || limit < QUOTA_UNLIMITED || limit > QUOTA_MAX) {
            config_fault(config, &options->texts[i], "must be a number, or "
                         "%d for no limit", QUOTA_UNLIMITED);
        }
        options->limits.of[i] = limit;
    }
}

void
quota_options_destroy(struct quota_options *options)
{
    for (size_t i = 0; i < N_QUOTA_KINDS; i++) {
        free(options->texts[i]);
    }
}
