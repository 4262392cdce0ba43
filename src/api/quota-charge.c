/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts against quotas; see quota-charge.h.
 */

#include <config.h>
#include "api/quota-charge.h"
#include <string.h>
#include "api/request.h"
#include "api/write.h"
#include "model/quota.h"
#include "store/quotas.h"
#include "store/rows.h"
#include "util.h"

static const char *
quota_charge_project(const struct request *request,
                     const struct family *family)
{
    return (family->lb ? row_project(family->lb)
            : attrs_string(request->attrs, "project_id"));
}

bool
quota_charge(struct request *request, const struct family *family,
             enum resource_id resource, int64_t n)
{
    enum quota_kind kind = quota_kind_of_resource(resource);

    if (!request->api->has_quotas || n <= 0) {
        return true;
    }
    ovs_assert(kind < N_QUOTA_KINDS);

    int64_t *charge = &request->write->charges.of[kind];
    int64_t room = quotas_room(request->api->quotas,
                               quota_charge_project(request, family), kind);

    if (*charge + n > room) {
        return fault_set(&request->fault, FAULT_QUOTA_MET,
                         resource_get(resource)->title);
    }
    *charge += n;
    return true;
}

void
quota_charge_begin(struct request *request)
{
    memset(&request->write->charges, 0, sizeof request->write->charges);
}

void
quota_charge_write(struct request *request, const struct family *family,
                   struct ovsdb_idl_txn *txn)
{
    for (enum quota_kind kind = 0; kind < N_QUOTA_KINDS; kind++) {
        int64_t n = request->write->charges.of[kind];

        if (n) {
            quotas_charge(request->api->quotas, txn,
                          quota_charge_project(request, family), kind, n);
        }
    }
}
