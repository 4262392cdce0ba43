/* SPDX-License-Identifier: Apache-2.0
 *
 * Status reports; see status-socket.h.
 */

#include <config.h>
#include "octavia/status-socket.h"
#include <string.h>
#include "base/json-read.h"
#include "base/octavia-conf.h"
#include "octavia/exchange.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "store/reports.h"
#include "util.h"
#include "uuid.h"

#define STATUS_CODE_OK 200

/* The order in which Octavia applies the lists of a report. */
static const enum resource_id order[] = {
    RESOURCE_MEMBER,
    RESOURCE_HEALTH_MONITOR,
    RESOURCE_POOL,
    RESOURCE_LISTENER,
    RESOURCE_LOAD_BALANCER,
};

struct report_call {
    status_done *done;
    void *aux;
};

static void report_call_finish(const struct exchange_reply *, void *call);

const char *
status_socket_path(const struct octavia_conf *conf)
{
    const char *path = (conf ? octavia_conf_get(conf, "driver_agent",
                                                "status_socket_path")
                        : NULL);

    return path && *path ? path : "/var/run/octavia/status.sock";
}

static size_t
record_rank(enum resource_id resource)
{
    size_t i = 0;

    while (i < ARRAY_SIZE(order) && order[i] != resource) {
        i++;
    }
    return i;
}

int
status_record_compare(const void *a_, const void *b_)
{
    const struct status_record *a = a_;
    const struct status_record *b = b_;
    size_t rank_a = record_rank(a->resource);
    size_t rank_b = record_rank(b->resource);

    return (rank_a < rank_b ? -1 : rank_a > rank_b ? 1
            : uuid_compare_3way(&a->id, &b->id));
}

static void
put_status(struct json *object, const char *key, const char *status)
{
    if (status) {
        json_object_put_string(object, key, status);
    }
}

static struct json *
record_to_json(const struct status_record *record)
{
    struct json *object = json_object_create();

    json_object_put_format(object, "id", UUID_FMT, UUID_ARGS(&record->id));
    put_status(object, "provisioning_status", record->provisioning_status);
    put_status(object, "operating_status", record->operating_status);
    return object;
}

struct exchange *
status_send(struct exchanger *exchanger, const struct status_record *records,
            size_t n, status_done *done, void *aux)
{
    struct report_call *call = xmalloc(sizeof *call);
    struct json *request = json_object_create();

    for (size_t i = 0; i < n; i++) {
        const char *word = report_resource_to_word(records[i].resource);
        struct json *list = shash_find_data(json_object(request), word);

        if (!list) {
            list = json_array_create_empty();
            json_object_put(request, word, list);
        }
        json_array_add(list, record_to_json(&records[i]));
    }
    *call = (struct report_call) { done, aux };

    struct exchange *exchange = exchanger_ask(exchanger, request,
                                              report_call_finish, call);
    exchange_own_aux(exchange);
    json_destroy(request);
    return exchange;
}

void
status_reply_parse(const struct json *json, struct status_reply *ret)
{
    const struct json *code = json_member(json, "status_code");
    const char *fault = json_member_string(json, "fault_string");
    const char *refused = json_member_string(json, "status_object_id");

    *ret = (struct status_reply) { .result = STATUS_FAILED };
    if (code && code->type == JSON_INTEGER
        && json_integer(code) == STATUS_CODE_OK) {
        ret->result = STATUS_TAKEN;
        return;
    }
    ret->error = fault ? fault : "no reason given";
    if (refused && uuid_from_string(&ret->refused, refused)) {
        ret->result = STATUS_REFUSED;
    }
}

static void
report_call_finish(const struct exchange_reply *reply, void *call_)
{
    struct report_call *call = call_;
    struct status_reply ret = { .result = STATUS_FAILED };

    if (reply->result == EXCHANGE_DONE) {
        status_reply_parse(reply->json, &ret);
    } else {
        ret.result = (reply->result == EXCHANGE_AWAY ? STATUS_AWAY
                      : STATUS_FAILED);
        ret.error = reply->error;
    }
    call->done(&ret, call->aux);
}
