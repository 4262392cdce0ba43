/* SPDX-License-Identifier: Apache-2.0
 *
 * The quotas of projects: shown, set, and put back to the defaults.
 * quota-list.c lists them, quota-charge.c counts against them.
 *
 * What is shown are limits that apply: the default where a project has none of
 * its own.
 */

#include <config.h>
#include <string.h>
#include "api/authorise.h"
#include "api/etag.h"
#include "api/handlers.h"
#include "api/preconditions.h"
#include "api/quota-view.h"
#include "api/quotas.h"
#include "api/request.h"
#include "api/write.h"
#include "auth/caller.h"
#include "base/limits.h"
#include "model/quota.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "ovsdb-data.h"
#include "store/quotas.h"
#include "unicode.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(api_quotas);

/* The project of the answer to what belongs to none. */
#define DEFAULTS "defaults"

static const char *
quota_project(const struct request *request)
{
    return request->path.ids[0];
}

static void
quota_put(struct ds *body, const char *project,
          const struct quota_limits *limits)
{
    struct quota_view view;

    quota_view_init(&view, project, limits);
    ds_put_format(body, "{\"%s\": ", quota_resource.key);
    render_object(body, &quota_resource, &view, &quota_view_reader, NULL);
    ds_put_char(body, '}');
    quota_view_uninit(&view);
}

static void
quota_reply(struct request *request, const char *project,
            const struct quota_limits *limits)
{
    struct ds body = DS_EMPTY_INITIALIZER;

    quota_put(&body, project, limits);
    precondition_reply(request, &body);
}

static void
quota_put_present(const struct request *request, struct ds *body)
{
    struct quota_limits limits;

    quotas_get(request->api->quotas, quota_project(request), &limits);
    quota_put(body, quota_project(request), &limits);
}

static void
quota_reply_present(struct request *request)
{
    struct ds body = DS_EMPTY_INITIALIZER;

    quota_put_present(request, &body);
    precondition_reply(request, &body);
}

/* Every project has a quota, also one that nobody has heard of. */
void
handle_quota(struct request *request)
{
    if (authorise_project(request, quota_project(request))) {
        quota_reply_present(request);
    } else {
        request_fail(request);
    }
}

void
handle_quota_default(struct request *request)
{
    if (authorise_project(request, quota_project(request))) {
        quota_reply(request, quota_project(request),
                    quotas_defaults(request->api->quotas));
    } else {
        request_fail(request);
    }
}

/* The path that the stock client asks.  To Octavia this is a project of that
 * name, so only administrators get an answer from it. */
void
handle_quota_defaults(struct request *request)
{
    if (authorise_own(request)) {
        quota_reply(request, DEFAULTS, quotas_defaults(request->api->quotas));
    } else {
        request_fail(request);
    }
}

bool
quota_may_be_set(struct request *request)
{
    return authorise_project(request, quota_project(request));
}

/* Checks what the database would refuse. */
static bool
quota_project_fits(struct request *request)
{
    const char *project = quota_project(request);

    if (utf8_length(project) <= PROJECT_ID_MAX) {
        return true;
    }
    return fault_set(&request->fault, FAULT_INVALID_INPUT, "project_id",
                     project, "Value should have a maximum character "
                     "requirement of 36");
}

static void
quota_write_destroy(struct write *write)
{
    free(write);
}

static void
quota_write_finish(struct request *request)
{
    request->again = NULL;
    if (request->attrs) {
        struct ds body = DS_EMPTY_INITIALIZER;
        struct etag tag;

        quota_put_present(request, &body);
        etag_of_body(&body, &tag);
        precondition_put_tag(request, &tag);
        request_reply(request, &body);
    } else {
        request_reply(request, NULL);
    }
}

/* What is looked at is a condition of the transaction. */
static bool
quota_check_tag(struct request *request)
{
    struct ds body = DS_EMPTY_INITIALIZER;
    struct etag tag;

    quota_put_present(request, &body);
    etag_of_body(&body, &tag);
    ds_destroy(&body);
    quotas_verify(request->api->quotas, quota_project(request));
    return precondition_check_tag(request, &tag);
}

static bool
quota_write_apply(struct commit_op *op, struct ovsdb_idl_txn *txn,
                  unsigned int attempt OVS_UNUSED)
{
    struct request *request = CONTAINER_OF(op, struct write, op)->request;
    const struct quotas *quotas = request->api->quotas;
    const char *project = quota_project(request);

    if (precondition_is_asked(request) && !quota_check_tag(request)) {
        request_fail(request);
        return false;
    }
    if (request->attrs) {
        quotas_set(quotas, txn, project, request->attrs);
    } else if (!quotas_reset(quotas, project)) {
        request_fail_with(request, FAULT_NOT_FOUND, quota_resource.title,
                          project);
        return false;
    }
    request_comment(request);
    return true;
}

static void
quota_write_done(struct commit_op *op, enum commit_result result,
                 const char *error)
{
    struct request *request = CONTAINER_OF(op, struct write, op)->request;

    if (result == COMMIT_FAILED) {
        request->again = NULL;
        VLOG_ERR("req-"UUID_FMT": the database refused a quota: %s",
                 UUID_ARGS(&request->id), error);
        request_fail_with(request, FAULT_UNKNOWN);
    } else {
        quota_write_finish(request);
    }
}

/* PUT, which has attributes, and DELETE. */
void
handle_quota_write(struct request *request)
{
    if (!authorise_project(request, quota_project(request))
        || !quota_project_fits(request)) {
        request_fail(request);
        return;
    }
    if (!request->write) {
        request->write = xzalloc(sizeof *request->write);
        request->write->request = request;
        request->destroy_write = quota_write_destroy;
    }
    request->write->op.apply = quota_write_apply;
    request->write->op.done = quota_write_done;
    request_submit(request, &request->write->op);
}
