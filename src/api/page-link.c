/* SPDX-License-Identifier: Apache-2.0
 *
 * The links from a page of a list to those around it; see page-link.h.
 */

#include <config.h>
#include "api/page-link.h"
#include <inttypes.h>
#include <string.h>
#include "api/own-url.h"
#include "api/query.h"
#include "api/request.h"
#include "base/json-write.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

void
page_link_put(struct ds *out, const struct request *request,
              const char *marker, const char *relation)
{
    struct ds href = DS_EMPTY_INITIALIZER;

    own_url_put(&href, request);
    ds_put_format(&href, "?limit=%"PRIuSIZE"%s&marker=",
                  request->query.limit,
                  request->query.carried.length
                  ? ds_cstr_ro(&request->query.carried) : "");
    query_put_escaped(&href, marker);
    ds_put_cstr(&href,
                !strcmp(relation, "previous") ? "&page_reverse=True" : "");
    ds_put_cstr(out, "{\"href\": ");
    json_put_string(out, ds_cstr(&href), href.length);
    ds_put_format(out, ", \"rel\": \"%s\"}", relation);
    ds_destroy(&href);
}
