/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks what the caller may see; see visibility.h.
 */

#include <config.h>
#include "api/visibility.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "api/authenticate.h"
#include "api/request.h"
#include "api/routes.h"
#include "auth/service.h"
#include "base/array.h"
#include "openvswitch/vlog.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(api_visibility);

/* Attributes in which a user names networks, subnets and ports when creating
 * an object, which cannot be changed later; in the order of Octavia's
 * look-ups. */
static const struct {
    enum resource_id resource;
    const char *attribute;
    const char *collection;     /* Neutron's. */
    const char *title;
} names[] = {
    { RESOURCE_LOAD_BALANCER, "vip_port_id", "ports", "Port" },
    { RESOURCE_LOAD_BALANCER, "vip_network_id", "networks", "Network" },
    { RESOURCE_LOAD_BALANCER, "vip_subnet_id", "subnets", "Subnet" },
    { RESOURCE_ADDITIONAL_VIP, "subnet_id", "subnets", "Subnet" },
    { RESOURCE_MEMBER, "subnet_id", "subnets", "Subnet" },
};

struct visibility_look {
    size_t name;                /* In 'names'. */
    struct uuid id;
};

/* Asks one after the other: the first that is not there is the answer, and no
 * request has Neutron asked about a thousand at once. */
struct visibility {
    struct request *request;
    struct visibility_look *looks;
    size_t n, n_allocated;
    size_t n_done;
    struct service_call *call;  /* About the next, or NULL. */
    int status;                 /* Its answer; -1: there is none yet. */
};

/* True if the id is asked about already. */
static bool
visibility_has(const struct visibility *v, size_t name, const struct uuid *id)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct visibility_look *look = &v->looks[i];

        if (!strcmp(names[look->name].collection, names[name].collection)
            && uuid_equals(&look->id, id)) {
            return true;
        }
    }
    return false;
}

static void
visibility_add(struct visibility *v, size_t name, const struct attrs *attrs)
{
    const struct uuid *id = attrs_uuid(attrs, names[name].attribute);

    if (!id || visibility_has(v, name, id)) {
        return;
    }
    ARRAY_GROW(v->looks, v->n, v->n_allocated);
    v->looks[v->n++] = (struct visibility_look) { name, *id };
}

/* Notes the names in an object, then those in the objects within it, which the
 * field tables nest four deep at most. */
static void
visibility_add_object(struct visibility *v, const struct attrs *attrs)
{
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (attrs->resource == resource_get(names[i].resource)) {
            visibility_add(v, i, attrs);
        }
    }
    for (size_t i = 0; i < attrs->resource->n_fields; i++) {
        for (size_t j = 0; j < attrs->attr[i].n_items; j++) {
            visibility_add_object(v, attrs->attr[i].items[j]);
        }
    }
}

struct visibility *
visibility_create(struct request *request)
{
    struct visibility *v = xzalloc(sizeof *v);

    v->request = request;
    v->status = -1;
    visibility_add_object(v, request->attrs);
    return v;
}

void
visibility_destroy(struct visibility *v)
{
    if (v) {
        if (v->call) {
            service_call_cancel(v->call);
        }
        free(v->looks);
        free(v);
    }
}

static void
visibility_note_answer(const struct service_reply *reply, void *v_)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);
    struct visibility *v = v_;

    v->call = NULL;
    v->status = reply->status;
    v->request->api->has_answers = true;
    if (!reply->status || reply->status >= 500) {
        VLOG_WARN_RL(&rl, "Neutron does not say what users may see, so those "
                     "who name a network get 503: %s",
                     reply->text ? reply->text : "no reason given");
    }
}

static void
visibility_ask(struct visibility *v)
{
    const struct request *request = v->request;
    const struct visibility_look *look = &v->looks[v->n_done];
    char *path = xasprintf("/v2.0/%s/"UUID_FMT"?fields=id",
                           names[look->name].collection,
                           UUID_ARGS(&look->id));

    v->status = -1;
    v->call = service_send_as(request->api->neutron, caller_token(request),
                              "GET", path, visibility_note_answer, v);
    free(path);
}

/* Takes any answer of Neutron but 200 as "not for this user": the token may
 * have expired just now. */
static bool
visibility_judge(struct visibility *v)
{
    struct request *request = v->request;
    const struct visibility_look *look = &v->looks[v->n_done++];

    if (v->status == 200) {
        return true;
    }
    if (!v->status || v->status >= 500) {
        return fault_set(&request->fault, FAULT_NEUTRON_DOWN);
    }
    return fault_set_id(&request->fault, FAULT_INVALID_SUBRESOURCE,
                        names[look->name].title, &look->id);
}

enum prepare_result
visibility_check(struct visibility *v)
{
    if (v->call) {
        return PREPARE_WAIT;
    }
    if (v->status >= 0 && v->n_done < v->n && !visibility_judge(v)) {
        return PREPARE_REFUSED;
    }
    if (v->n_done < v->n) {
        visibility_ask(v);
        return PREPARE_WAIT;
    }
    return PREPARE_READY;
}
