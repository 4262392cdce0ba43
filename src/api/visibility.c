/* SPDX-License-Identifier: Apache-2.0
 *
 * What the caller may see; see visibility.h.
 */

#include <config.h>
#include "api/visibility.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "api/authenticate.h"
#include "api/request.h"
#include "api/routes.h"
#include "auth/session.h"
#include "openvswitch/vlog.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(api_sight);

/* What a user names when he creates something; it cannot be changed later.
 * In the order of Octavia's look-ups. */
static const struct {
    int resource;
    const char *list;           /* Attribute that has it, or NULL. */
    const char *attribute;
    const char *collection;     /* Neutron's. */
    const char *title;
} names[] = {
    { RESOURCE_LOAD_BALANCER, NULL, "vip_port_id", "ports", "Port" },
    { RESOURCE_LOAD_BALANCER, NULL, "vip_network_id", "networks",
      "Network" },
    { RESOURCE_LOAD_BALANCER, NULL, "vip_subnet_id", "subnets", "Subnet" },
    { RESOURCE_LOAD_BALANCER, "additional_vips", "subnet_id", "subnets",
      "Subnet" },
    { RESOURCE_MEMBER, NULL, "subnet_id", "subnets", "Subnet" },
};

struct look {
    size_t name;                /* In 'names'. */
    struct uuid id;
};

/* One after the other: the first that is not there is the answer, and nobody
 * has Neutron asked about a thousand at once. */
struct sight {
    struct api *api;
    struct look *looks;
    size_t n, n_allocated;
    size_t n_done;
    struct service_call *call;  /* About the next, or NULL. */
    int status;                 /* Its answer; -1: there is none yet. */
};

/* Whether that is asked about already. */
static bool
has(const struct sight *sight, size_t name, const struct uuid *id)
{
    for (size_t i = 0; i < sight->n; i++) {
        const struct look *look = &sight->looks[i];

        if (!strcmp(names[look->name].collection, names[name].collection)
            && uuid_equals(&look->id, id)) {
            return true;
        }
    }
    return false;
}

static void
add(struct sight *sight, size_t name, const struct attrs *attrs)
{
    const struct uuid *id = attrs_uuid(attrs, names[name].attribute);

    if (!id || has(sight, name, id)) {
        return;
    }
    if (sight->n == sight->n_allocated) {
        sight->looks = x2nrealloc(sight->looks, &sight->n_allocated,
                                  sizeof *sight->looks);
    }
    sight->looks[sight->n++] = (struct look) { name, *id };
}

static struct sight *
sight_create(const struct request *request)
{
    const struct attrs *attrs = request->attrs;
    struct sight *sight = xzalloc(sizeof *sight);

    sight->api = request->api;
    sight->status = -1;
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (names[i].resource != request->route->resource) {
            continue;
        }
        if (!names[i].list) {
            add(sight, i, attrs);
            continue;
        }

        const struct attr *list = attrs_get_const(attrs, names[i].list);
        for (size_t j = 0; j < list->n_items; j++) {
            add(sight, i, list->items[j]);
        }
    }
    return sight;
}

void
sight_destroy(struct sight *sight)
{
    if (sight) {
        if (sight->call) {
            service_call_cancel(sight->call);
        }
        free(sight->looks);
        free(sight);
    }
}

static void
note_answer(const struct service_reply *reply, void *sight_)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);
    struct sight *sight = sight_;

    sight->call = NULL;
    sight->status = reply->status;
    sight->api->has_answers = true;
    if (!reply->status || reply->status >= 500) {
        VLOG_WARN_RL(&rl, "Neutron does not say what users may see, so those "
                     "who name a network get 503: %s",
                     reply->text ? reply->text : "no reason given");
    }
}

static void
ask(struct request *request)
{
    struct sight *sight = request->sight;
    const struct look *look = &sight->looks[sight->n_done];
    char *path = xasprintf("/v2.0/%s/"UUID_FMT"?fields=id",
                           names[look->name].collection,
                           UUID_ARGS(&look->id));

    sight->status = -1;
    sight->call = service_send_as(request->api->neutron,
                                  caller_token(request), "GET", path,
                                  note_answer, sight);
    free(path);
}

/* Whatever Neutron says but 200, it is not for this user: perhaps his token
 * has just expired. */
static bool
judge(struct request *request)
{
    struct sight *sight = request->sight;
    const struct look *look = &sight->looks[sight->n_done++];
    char text[UUID_LEN + 1];

    if (sight->status == 200) {
        return true;
    }
    if (!sight->status || sight->status >= 500) {
        return fault_set(&request->fault, FAULT_NEUTRON_DOWN);
    }
    snprintf(text, sizeof text, UUID_FMT, UUID_ARGS(&look->id));
    return fault_set(&request->fault, FAULT_INVALID_SUBRESOURCE,
                     names[look->name].title, text);
}

enum prepare_result
sight_check(struct request *request)
{
    struct sight *sight = request->sight;

    if (!request->api->neutron || write_action(request) != WRITE_CREATE) {
        return PREPARE_READY;
    }
    if (!sight) {
        sight = request->sight = sight_create(request);
    }
    if (sight->call) {
        return PREPARE_WAIT;
    }
    if (sight->status >= 0 && sight->n_done < sight->n && !judge(request)) {
        return PREPARE_REFUSED;
    }
    if (sight->n_done < sight->n) {
        ask(request);
        return PREPARE_WAIT;
    }
    return PREPARE_READY;
}
