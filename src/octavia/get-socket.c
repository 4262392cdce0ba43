/* SPDX-License-Identifier: Apache-2.0
 *
 * Objects of Octavia's; see get-socket.h.
 */

#include <config.h>
#include "octavia/get-socket.h"
#include "base/octavia-conf.h"
#include "octavia/exchange.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "store/reports.h"
#include "util.h"
#include "uuid.h"

struct get_call {
    get_done *done;
    void *aux;
};

const char *
get_socket_path(const struct octavia_conf *conf)
{
    const char *path = (conf ? octavia_conf_get(conf, "driver_agent",
                                                "get_socket_path")
                        : NULL);

    return path && *path ? path : "/var/run/octavia/get.sock";
}

static void
get_call_finish(const struct exchange_reply *reply, void *call_)
{
    struct get_call *call = call_;
    struct get_reply ret = { .error = NULL };

    if (reply->result != EXCHANGE_DONE) {
        ret.error = reply->error;
    } else if (!shash_is_empty(json_object(reply->json))) {
        ret.object = reply->json;
    }
    call->done(&ret, call->aux);
}

struct exchange *
get_send(struct exchanger *exchanger, enum resource_id resource,
         const struct uuid *id, get_done *done, void *aux)
{
    struct get_call *call = xmalloc(sizeof *call);
    struct json *request = json_object_create();

    json_object_put_string(request, "object",
                           report_resource_to_word(resource));
    json_object_put_format(request, "id", UUID_FMT, UUID_ARGS(id));
    *call = (struct get_call) { done, aux };

    struct exchange *exchange = exchanger_ask(exchanger, request,
                                              get_call_finish, call);
    exchange_own_aux(exchange);
    json_destroy(request);
    return exchange;
}
