/* SPDX-License-Identifier: Apache-2.0
 *
 * "resync": asks the driver on this machine to look at load balancers anew.
 */

#include <config.h>
#include <limits.h>
#include <stdlib.h>
#include "ctl/context.h"
#include "ctl/driver.h"
#include "db-ctl-base.h"
#include "util.h"
#include "uuid.h"

static void
resync_ask(struct context *ctx, const char *argument)
{
    char *text;

    switch (driver_ask(ctx, "driver/resync", argument, LLONG_MAX, &text)) {
    case DRIVER_ANSWERED:
        break;

    case DRIVER_REFUSED:
        ctl_fatal("the driver: %s", text);

    case DRIVER_NOT_HERE:
    case DRIVER_SILENT:
    default:
        ctl_fatal("%s", text);
    }
    free(text);
}

static int
resync_run(struct context *ctx, int argc, char *argv[])
{
    if (argc > 2) {
        ctl_fatal("resync takes one load balancer, or none");
    }
    if (argc > 1) {
        struct uuid id = context_find_lb(ctx, argv[1]);
        char *argument = xasprintf(UUID_FMT, UUID_ARGS(&id));
        resync_ask(ctx, argument);
        free(argument);
    } else {
        resync_ask(ctx, NULL);
    }
    return EXIT_SUCCESS;
}

const struct tool_command command_resync = { "resync", resync_run };
