/* SPDX-License-Identifier: Apache-2.0
 *
 * If-Match and If-None-Match; see preconditions.h.
 *
 * A write may rely on a family that was checked: every write below a load
 * balancer changes its 'last_request', which is a condition of each of their
 * transactions (state-check.c).  Of two that bring the same tag, the database
 * refuses one, which looks again and meets the other's contents.
 */

#include <config.h>
#include "api/preconditions.h"
#include <string.h>
#include "api/etag.h"
#include "api/request.h"
#include "http/server.h"
#include "openvswitch/dynamic-string.h"
#include "store/rows.h"
#include "store/write-states.h"
#include "util.h"

static const char *
precondition_header(const struct request *request, const char *name)
{
    return http_request_header(request->http, name);
}

void
precondition_put_tag(struct request *request, const struct etag *tag)
{
    char *value = xasprintf("\"%s\"", tag->text);

    http_request_add_header(request->http, "ETag", value);
    free(value);
}

void
precondition_put_row_tag(struct request *request,
                         const struct ovsdb_idl_row *row)
{
    struct etag tag;

    etag_of_row(resource_get(request->route->resource), row, &tag);
    precondition_put_tag(request, &tag);
}

static bool
precondition_refuse(struct request *request, const char *header)
{
    return fault_set(&request->fault, FAULT_PRECONDITION_FAILED, header);
}

bool
precondition_meets_get(struct request *request, const struct etag *tag)
{
    const char *match = precondition_header(request, "If-Match");
    const char *none = precondition_header(request, "If-None-Match");

    if (match && !etag_is_in(match, tag, false, false)) {
        precondition_refuse(request, "If-Match");
        request_fail(request);
        return false;
    }
    precondition_put_tag(request, tag);
    if (none && etag_is_in(none, tag, true, false)) {
        request_reply_as(request, 304, NULL);
        return false;
    }
    return true;
}

void
precondition_reply_tagged(struct request *request, struct ds *body,
                          const struct etag *tag)
{
    if (precondition_meets_get(request, tag)) {
        request_reply(request, body);
    } else {
        ds_destroy(body);
    }
}

void
precondition_reply(struct request *request, struct ds *body)
{
    struct etag tag;

    etag_of_body(body, &tag);
    precondition_reply_tagged(request, body, &tag);
}

/* Checks the tags of what a write is about: one of several, or of none. */
static bool
precondition_check_tags(struct request *request, const struct etag *tags,
                        size_t n)
{
    const char *match = precondition_header(request, "If-Match");
    const char *none = precondition_header(request, "If-None-Match");
    bool has_match = false, has_none = false;

    for (size_t i = 0; i < n; i++) {
        has_match |= match && etag_is_in(match, &tags[i], false, true);
        has_none |= none && etag_is_in(none, &tags[i], true, true);
    }
    return (match && !has_match ? precondition_refuse(request, "If-Match")
            : has_none ? precondition_refuse(request, "If-None-Match")
            : true);
}

bool
precondition_check_tag(struct request *request, const struct etag *tag)
{
    return precondition_check_tags(request, tag, 1);
}

bool
precondition_is_asked(const struct request *request)
{
    return (precondition_header(request, "If-Match")
            || precondition_header(request, "If-None-Match"));
}

bool
precondition_check_family(struct request *request,
                          const struct family *family)
{
    const struct {
        enum resource_id resource;
        const struct ovsdb_idl_row *row;
    } relatives[] = {
        { request->route->resource, family->self },
        { RESOURCE_POOL, family->pool },
        { RESOURCE_LISTENER, family->listener },
        { RESOURCE_LOAD_BALANCER, family->lb },
    };
    struct etag tags[ARRAY_SIZE(relatives)];
    size_t n = 0;

    if (!precondition_is_asked(request)) {
        return true;
    }
    for (size_t i = 0; i < ARRAY_SIZE(relatives); i++) {
        if (relatives[i].row) {
            etag_of_row(resource_get(relatives[i].resource), relatives[i].row,
                        &tags[n++]);
            if (family->self) {
                break;
            }
        }
    }
    return precondition_check_tags(request, tags, n);
}
