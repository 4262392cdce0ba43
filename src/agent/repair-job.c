/* SPDX-License-Identifier: Apache-2.0
 *
 * One load balancer, made as Octavia has it; see repair-job.h.  A job asks the
 * get socket for the load balancer, Octavia's API for what is PENDING or to be
 * deleted in it, and has one intent committed.
 */

#include <config.h>
#include "agent/repair-job.h"
#include <stdlib.h>
#include <string.h>
#include "base/commit.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/ovs-compat.h"
#include "octavia/api.h"
#include "octavia/body.h"
#include "octavia/compare.h"
#include "octavia/exchange.h"
#include "octavia/get-socket.h"
#include "octavia/intent.h"
#include "octavia/unserved.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "store/reports.h"
#include "store/rows.h"
#include "store/store.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"
#include "uuidset.h"

VLOG_DEFINE_THIS_MODULE(repair_job);

struct repair_job {
    const struct repair_context *ctx;
    enum repair_reason reason;
    struct uuid id;             /* As it was asked for. */
    struct uuid lb_id;          /* Zero until it is known. */
    void (*done)(enum repair_result, void *aux);
    void *aux;

    struct exchange *exchange;  /* Under way, or NULL. */
    struct octavia_query *query;        /* Under way, or NULL. */
    size_t n_queries;           /* Queries that are over. */

    struct uuid request;        /* The load balancer's last, when Octavia was
                                 * asked; zero if there was none. */
    struct json *model;         /* As Octavia has it. */
    struct uuidset doomed;      /* Objects that Octavia wants deleted. */
    struct json *objects;       /* Arrays of those, by resource. */

    struct intent *intent;      /* Submitted, or NULL. */
    struct commit_op op;        /* The demand to report everything. */
};

static void job_take_object(const struct get_reply *, void *job);
static void query_next(struct repair_job *);

void
repair_job_destroy(struct repair_job *job)
{
    intent_destroy(job->intent);
    exchange_cancel(job->exchange);
    octavia_query_cancel(job->query);
    json_destroy(job->model);
    json_destroy(job->objects);
    uuidset_destroy(&job->doomed);
    free(job);
}

static void
job_finish(struct repair_job *job, enum repair_result result)
{
    job->done(result, job->aux);
    repair_job_destroy(job);
}

static struct uuid
last_request(const struct repair_job *job)
{
    const struct ovsdb_idl_row *lb = rows_find(job->ctx->rows,
                                               RESOURCE_LOAD_BALANCER,
                                               &job->lb_id);
    const struct uuid *request = lb ? row_uuid(lb, COL_last_request) : NULL;

    return request ? *request : UUID_ZERO;
}

/* True if Octavia has called since it was asked.  Its answer may be out of
 * date then: the next look decides. */
static bool
is_outdated(const struct repair_job *job)
{
    struct uuid request = last_request(job);

    return !uuid_equals(&request, &job->request);
}

static void
job_ask(struct repair_job *job, enum resource_id resource,
        const struct uuid *id)
{
    job->request = last_request(job);
    job->exchange = get_send(job->ctx->get, resource, id, job_take_object,
                             job);
}

struct repair_job *
repair_job_start(const struct repair_context *ctx,
                 enum repair_reason reason, enum resource_id resource,
                 const struct uuid *id,
                 void (*done)(enum repair_result, void *aux), void *aux)
{
    struct repair_job *job = xzalloc(sizeof *job);

    job->ctx = ctx;
    job->reason = reason;
    job->id = *id;
    job->done = done;
    job->aux = aux;
    uuidset_init(&job->doomed);
    job->objects = json_array_create_empty();
    if (resource == RESOURCE_LOAD_BALANCER) {
        job->lb_id = *id;
    }
    job_ask(job, resource, id);
    return job;
}

static void
job_fail(struct repair_job *job, const char *error)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

    VLOG_WARN_RL(&rl, UUID_FMT" cannot be settled with Octavia: %.200s",
                 UUID_ARGS(&job->id), error);
    job_finish(job, REPAIR_FAILED);
}

/* The database. */

static void
job_take_demand(struct commit_op *op, enum commit_result result,
                const char *error OVS_UNUSED)
{
    struct repair_job *job = CONTAINER_OF(op, struct repair_job, op);

    job_finish(job, result == COMMIT_FAILED ? REPAIR_FAILED : REPAIR_DONE);
}

static bool
job_apply_demand(struct commit_op *op, struct ovsdb_idl_txn *txn,
                 unsigned int attempt OVS_UNUSED)
{
    struct repair_job *job = CONTAINER_OF(op, struct repair_job, op);

    report_demand(job->ctx->store, txn, &job->lb_id);
    return true;
}

static void
job_take_intent(const struct intent_result *result, void *job_)
{
    struct repair_job *job = job_;

    job->intent = NULL;         /* The job ends by itself. */
    if (result->fault) {
        job_fail(job, result->fault->text);
    } else if (job->reason == REPAIR_STUCK) {
        /* Octavia may hold PENDING what is not so here. */
        job->op.apply = job_apply_demand;
        job->op.done = job_take_demand;
        store_submit(job->ctx->store, &job->op);
    } else {
        job_finish(job, REPAIR_DONE);
    }
}

static struct intent *
job_new_intent(const struct repair_job *job)
{
    struct intent *intent = intent_create(job->ctx->store, job->ctx->rows,
                                          &job->lb_id);

    if (job->ctx->conf) {
        intent_set_conf(intent, job->ctx->conf);
    }
    intent_set_lenient(intent);
    intent_set_final(intent);
    intent_set_origin(intent, "compared with Octavia", NULL);
    return intent;
}

/* The model of an object of which only the id is needed. */
static const struct json *
add_object(struct repair_job *job, enum resource_id resource,
           const struct uuid *id)
{
    static const char *const names[N_RESOURCES] = {
        [RESOURCE_LOAD_BALANCER] = "loadbalancer_id",
        [RESOURCE_LISTENER] = "listener_id",
        [RESOURCE_POOL] = "pool_id",
        [RESOURCE_MEMBER] = "member_id",
        [RESOURCE_HEALTH_MONITOR] = "healthmonitor_id",
    };
    struct json *object = json_object_create();

    json_object_put_format(object, names[resource], UUID_FMT,
                           UUID_ARGS(id));
    json_array_add(job->objects, object);
    return object;
}

static void
job_submit(struct repair_job *job, struct intent *intent, bool is_fine,
           struct fault *fault)
{
    if (is_outdated(job)) {
        intent_destroy(intent);
        job_finish(job, REPAIR_FINE);
    } else if (is_fine) {
        job->intent = intent;
        intent_submit(intent, job_take_intent, job);
    } else {
        intent_destroy(intent);
        job_fail(job, fault ? fault->text : "no object of Octavia's");
    }
    fault_destroy(fault);
}

/* Octavia rolled back. */
static void
delete_lb(struct repair_job *job, bool is_silent)
{
    struct intent *intent = job_new_intent(job);
    struct fault *fault = NULL;

    if (is_silent) {
        intent_set_silent(intent);
    }
    job_submit(job, intent,
               intent_add(intent, INTENT_DELETE, RESOURCE_LOAD_BALANCER,
                          add_object(job, RESOURCE_LOAD_BALANCER, &job->lb_id),
                          &fault), fault);
}

/* True if an object that Octavia does not have is so young that its call was
 * rolled back.  An older one was lost for another reason. */
static bool
is_young(int64_t age_us)
{
    return age_us < ROLLED_BACK_MAX_MS * 1000LL;
}

static int64_t
age_us(const struct ovsdb_idl_row *row)
{
    return time_wall_usec() - row_integer(row, COL_created_at);
}

/* A load balancer may also be about to be committed: nothing of it was there
 * that could have been locked. */
static void
lb_is_not_there(struct repair_job *job)
{
    const struct ovsdb_idl_row *lb = rows_find(job->ctx->rows,
                                               RESOURCE_LOAD_BALANCER,
                                               &job->lb_id);
    bool is_reservation = job->reason == REPAIR_RESERVATION;

    if (!lb || (!is_reservation && (job->reason != REPAIR_DOUBT
                                    || !is_young(age_us(lb))))) {
        job_finish(job, REPAIR_NOT_THERE);
        return;
    } else if (!is_reservation && age_us(lb) < OCTAVIA_COMMIT_MS * 1000LL) {
        job_finish(job, REPAIR_EARLY);
        return;
    }
    VLOG_INFO("load balancer "UUID_FMT": Octavia does not have it: %s",
              UUID_ARGS(&job->lb_id),
              is_reservation ? "its VIP is given back" : "removed");
    delete_lb(job, true);
}

/* Differences that rolled-back calls have left. */
struct rolled_back {
    struct repair_job *job;
    struct intent *intent;
    struct fault *fault;
    size_t n_created;           /* To be deleted. */
    size_t n_others;            /* Updates and deletions. */
};

/* Undoes creations only.  All other differences may be due to a call that is
 * under way: they are counted, and if they are seen again, repair.c has the
 * load balancer made as Octavia has it. */
static void
job_undo(const struct difference *difference, void *undo_)
{
    struct rolled_back *rolled_back = undo_;
    struct repair_job *job = rolled_back->job;
    const struct ovsdb_idl_row *row = rows_find(job->ctx->rows,
                                                difference->resource,
                                                &difference->id);

    if (difference->kind == DIFFERENCE_NOT_HERE
        || difference->kind == DIFFERENCE_VALUE) {
        const char *field = difference->field;

        VLOG_INFO("load balancer "UUID_FMT": Octavia %s%s%s %s "UUID_FMT,
                  UUID_ARGS(&job->lb_id), field ? "has another " : "still has",
                  field ? field : "", field ? " of" : "",
                  resource_get(difference->resource)->key,
                  UUID_ARGS(&difference->id));
        rolled_back->n_others++;
    } else if (difference->kind == DIFFERENCE_NOT_THERE && row
               && is_young(age_us(row))) {
        VLOG_INFO("load balancer "UUID_FMT": Octavia does not have %s "
                  UUID_FMT": removed", UUID_ARGS(&job->lb_id),
                  resource_get(difference->resource)->key,
                  UUID_ARGS(&difference->id));
        intent_add(rolled_back->intent, INTENT_DELETE, difference->resource,
                   add_object(job, difference->resource, &difference->id),
                   &rolled_back->fault);
        rolled_back->n_created++;
    }
}

static void
job_take_tree(const struct octavia_list *tree, void *job_)
{
    struct repair_job *job = job_;
    bool waits = false;

    job->query = NULL;
    for (size_t i = 0; i < tree->n; i++) {
        waits |= octavia_item_is_pending(&tree->items[i]);
    }
    /* repair.c logs that the API is away. */
    job_finish(job, tree->error ? REPAIR_FAILED
               : waits ? REPAIR_WAITS
               : REPAIR_FINE);
}

static void
undo_rolled_back(struct repair_job *job)
{
    struct rolled_back rolled_back = { .job = job,
                                       .intent = job_new_intent(job) };

    intent_set_silent(rolled_back.intent);
    octavia_compare_lb(job->ctx->rows, job->model, job->ctx->conf, job_undo,
                       &rolled_back);
    if (rolled_back.n_created) {
        job_submit(job, rolled_back.intent, !rolled_back.fault,
                   rolled_back.fault);
        return;
    }

    intent_destroy(rolled_back.intent);
    if (rolled_back.n_others) {
        job_finish(job, REPAIR_WAITS);
    } else if (job->ctx->api) {
        job->query = octavia_api_tree(job->ctx->api, &job->lb_id,
                                      job_take_tree, job);
    } else {
        job_finish(job, REPAIR_FINE);
    }
}

/* The model without what is to be deleted. */

static bool
is_doomed(const struct repair_job *job, enum resource_id resource,
          const struct json *object)
{
    struct uuid id;

    return (object->type == JSON_OBJECT
            && body_id(resource, object, &id, NULL)
            && uuidset_contains(&job->doomed, &id));
}

/* The model is ours alone, so what is in its lists may be changed. */
static struct json *
model_element(const struct json *list, size_t i)
{
    return CONST_CAST(struct json *, json_array_at(list, i));
}

/* Moves the doomed objects of a list to 'intent'. */
static bool
doom_list(struct repair_job *job, struct intent *intent,
          enum resource_id resource, struct json *owner, const char *name,
          struct fault **faultp)
{
    const struct json *list = shash_find_data(json_object(owner), name);
    struct json *kept;
    bool ok = true;

    if (!list || list->type != JSON_ARRAY) {
        return true;
    }
    kept = json_array_create_empty();
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct json *object = json_clone(json_array_at(list, i));

        if (ok && is_doomed(job, resource, object)) {
            json_array_add(job->objects, object);
            ok = intent_add(intent, INTENT_DELETE, resource, object, faultp);
        } else {
            json_array_add(kept, object);
        }
    }
    json_object_put(owner, name, kept);
    return ok;
}

static bool
doom_monitor(struct repair_job *job, struct intent *intent,
             struct json *pool, struct fault **faultp)
{
    const struct json *monitor = body_get(pool, "healthmonitor");

    if (!monitor || !is_doomed(job, RESOURCE_HEALTH_MONITOR, monitor)) {
        return true;
    }

    struct json *object = json_clone(monitor);
    json_array_add(job->objects, object);
    json_object_put(pool, "healthmonitor", json_null_create());
    return intent_add(intent, INTENT_DELETE, RESOURCE_HEALTH_MONITOR, object,
                      faultp);
}

/* Clears the listener's default pool if that is to be deleted. */
static void
forget_doomed_pool(const struct repair_job *job, struct json *listener)
{
    struct uuid id;

    if (listener->type == JSON_OBJECT
        && body_uuid(listener, "default_pool_id", &id)
        && uuidset_contains(&job->doomed, &id)) {
        json_object_put(listener, "default_pool_id", json_null_create());
    }
}

static bool
doom_all(struct repair_job *job, struct intent *intent,
         struct fault **faultp)
{
    bool ok = (doom_list(job, intent, RESOURCE_LISTENER, job->model,
                         "listeners", faultp)
               && doom_list(job, intent, RESOURCE_POOL, job->model, "pools",
                            faultp));
    const struct json *pools = body_get(job->model, "pools");
    const struct json *listeners = body_get(job->model, "listeners");

    for (size_t i = 0; ok && pools && pools->type == JSON_ARRAY
                       && i < json_array_size(pools); i++) {
        struct json *pool = model_element(pools, i);

        ok = (pool->type != JSON_OBJECT
              || (doom_list(job, intent, RESOURCE_MEMBER, pool, "members",
                            faultp)
                  && doom_monitor(job, intent, pool, faultp)));
    }
    for (size_t i = 0; listeners && listeners->type == JSON_ARRAY
                       && i < json_array_size(listeners); i++) {
        forget_doomed_pool(job, model_element(listeners, i));
    }
    return ok;
}

/* All of it as Octavia has it: what is there is updated. */
static void
job_write_model(struct repair_job *job)
{
    struct intent *intent = job_new_intent(job);
    struct fault *fault = NULL;
    bool ok = (doom_all(job, intent, &fault)
               && intent_add(intent, INTENT_CREATE, RESOURCE_LOAD_BALANCER,
                             job->model, &fault));

    VLOG_INFO("load balancer "UUID_FMT": %s", UUID_ARGS(&job->lb_id),
              job->reason == REPAIR_STUCK
              ? "Octavia waits for it, or differs: made as Octavia has it"
              : "imported from Octavia");
    job_submit(job, intent, ok, fault);
}

/* Asking. */

/* Returns the path of the list of objects that Octavia wants deleted: few, of
 * all load balancers. */
static char *
query_path(const struct repair_job *job, const char **keyp)
{
    static const char *const lists[] = {
        "loadbalancers", "listeners", "pools", "healthmonitors"
    };
    const struct json *pools = body_get(job->model, "pools");
    size_t i = job->n_queries;
    struct uuid id;

    if (i < ARRAY_SIZE(lists)) {
        *keyp = lists[i];
        return xasprintf("/v2/lbaas/%s", lists[i]);
    }

    i -= ARRAY_SIZE(lists);
    if (!pools || pools->type != JSON_ARRAY || i >= json_array_size(pools)
        || !body_id(RESOURCE_POOL, json_array_at(pools, i), &id, NULL)) {
        return NULL;
    }
    *keyp = "members";
    return xasprintf("/v2/lbaas/pools/"UUID_FMT"/members", UUID_ARGS(&id));
}

static void
job_take_list(const struct octavia_list *list, void *job_)
{
    struct repair_job *job = job_;

    job->query = NULL;
    if (list->error) {
        job_fail(job, list->error);
        return;
    }
    for (size_t i = 0; i < list->n; i++) {
        if (octavia_item_is_pending_delete(&list->items[i])) {
            uuidset_insert(&job->doomed, &list->items[i].id);
        }
    }
    job->n_queries++;
    query_next(job);
}

/* Only what Octavia waits for can have lost a deletion: of anything else it
 * either does not want one, or is calling for it just now. */
static void
query_next(struct repair_job *job)
{
    const char *key;
    char *path = (job->ctx->api && job->reason == REPAIR_STUCK
                  ? query_path(job, &key) : NULL);

    if (path) {
        job->query = octavia_api_list(job->ctx->api, path, key,
                                      "provisioning_status=PENDING_DELETE",
                                      job_take_list, job);
    } else if (uuidset_contains(&job->doomed, &job->lb_id)) {
        delete_lb(job, false);
    } else {
        job_write_model(job);
    }
    free(path);
}

/* Warns of security groups, which could not be refused: Octavia makes no call
 * for them. */
static void
warn_of_unserved(const struct json *model)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    char *groups = unserved_security_groups(model);
    struct uuid id;

    if (groups && body_uuid(model, "loadbalancer_id", &id)) {
        VLOG_WARN_RL(&rl, "load balancer "UUID_FMT": Octavia has security "
                     "groups for its VIP (vip_sg_ids: %.200s), and nobody "
                     "enforces them", UUID_ARGS(&id), groups);
    }
    free(groups);
}

static void
take_lb(struct repair_job *job, const struct json *model)
{
    warn_of_unserved(model);
    job->model = json_deep_clone(model);
    if (!body_uuid(model, "loadbalancer_id", &job->lb_id)) {
        job_fail(job, "its model has no id");
    } else if (is_outdated(job)) {
        job_finish(job, REPAIR_FINE);
    } else if (job->reason == REPAIR_DOUBT) {
        undo_rolled_back(job);
    } else {
        query_next(job);
    }
}

static void
job_take_object(const struct get_reply *reply, void *job_)
{
    struct repair_job *job = job_;
    struct uuid id;

    job->exchange = NULL;
    if (reply->error) {
        char *error = xasprintf("%s: %s", exchanger_path(job->ctx->get),
                                reply->error);
        job_fail(job, error);
        free(error);
    } else if (!reply->object) {
        lb_is_not_there(job);
    } else if (!uuid_is_zero(&job->lb_id)) {
        take_lb(job, reply->object);
    } else if (body_uuid(reply->object, "loadbalancer_id", &job->lb_id)) {
        job_ask(job, RESOURCE_LOAD_BALANCER, &job->lb_id);
    } else if (body_uuid(reply->object, "pool_id", &id)) {
        job_ask(job, RESOURCE_POOL, &id);
    } else {
        job_fail(job, "an object without a parent");
    }
}
