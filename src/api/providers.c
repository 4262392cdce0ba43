/* SPDX-License-Identifier: Apache-2.0
 *
 * The providers: there is one.
 */

#include <config.h>
#include <string.h>
#include "api/authorise.h"
#include "api/handlers.h"
#include "api/request.h"
#include "http/server.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

static const struct {
    const char *name;
    const char *value;
} attributes[] = {
    { "name", "ovn" },
    { "description", "Octavia OVN driver." },
};

/* The attributes for which "fields" asks: bit I is attributes[I]. */
struct provider_choice {
    bool is_made;
    unsigned int bits;
};

static bool
provider_choice_read(const char *name, const char *value, void *choice_)
{
    struct provider_choice *choice = choice_;

    if (!strcmp(name, "fields") && value) {
        choice->is_made = true;
        for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
            if (!strcmp(attributes[i].name, value)) {
                choice->bits |= 1u << i;
            }
        }
    }
    return true;
}

void
handle_providers(struct request *request)
{
    struct ds body = DS_EMPTY_INITIALIZER;
    struct provider_choice choice = { false, 0 };
    const char *separator = "";

    if (!authorise_own(request)) {
        request_fail(request);
        return;
    }
    http_request_for_each_arg(request->http, provider_choice_read, &choice);
    ds_put_cstr(&body, "{\"providers\": [{");
    for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
        if (!choice.is_made || choice.bits & (1u << i)) {
            ds_put_format(&body, "%s\"%s\": \"%s\"", separator,
                          attributes[i].name, attributes[i].value);
            separator = ", ";
        }
    }
    ds_put_cstr(&body, "}]}");
    request_reply(request, &body);
}
