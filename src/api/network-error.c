/* SPDX-License-Identifier: Apache-2.0
 *
 * Errors as Neutron answers them; see network-error.h.
 */

#include <config.h>
#include "api/network-error.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "api/request.h"
#include "base/json-write.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

void
network_error_set(struct network_error *error, int status, const char *type,
                  const char *format, ...)
{
    va_list args;

    if (!error->type) {
        error->status = status;
        error->type = type;
        va_start(args, format);
        error->message = xvasprintf(format, args);
        va_end(args);
    }
}

void
network_error_reply(struct network_error *error, struct request *request)
{
    struct ds body = DS_EMPTY_INITIALIZER;

    ds_put_format(&body, "{\"NeutronError\": {\"type\": \"%s\", "
                  "\"message\": ", error->type);
    json_put_string(&body, error->message, strlen(error->message));
    ds_put_cstr(&body, ", \"detail\": \"\"}}");
    free(error->message);
    request_reply_as(request, error->status, &body);
}
