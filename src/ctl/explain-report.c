/* SPDX-License-Identifier: Apache-2.0
 *
 * What is known of a load balancer, as JSON; see explain-report.h.
 */

#include <config.h>
#include "ctl/explain-report.h"
#include "ctl/facts.h"
#include "ctl/findings.h"
#include "ctl/report.h"
#include "net/topology.h"
#include "openvswitch/json.h"
#include "ovn/rows/rows.h"
#include "util.h"
#include "uuid.h"

static struct json *
explain_report_lb(const struct model_lb *lb)
{
    struct json *object = json_object_create();

    report_put_uuid(object, "id", &lb->base.id);
    report_put_text(object, "name", lb->name);
    report_put_text(object, "provisioning_status",
                    provisioning_status_to_string(
                        lb->base.provisioning_status));
    report_put_text(object, "operating_status",
                    operating_status_to_string(lb->base.operating_status));
    report_put_text(object, "fault", lb->fault_text[0] ? lb->fault_text
                    : NULL);
    return object;
}

static struct json *
explain_report_vips(const struct facts *facts)
{
    struct json *array = json_array_create_empty();

    for (size_t i = 0; i < facts->n_vips; i++) {
        const struct fact_vip *fact = &facts->vips[i];
        struct json *object = json_object_create();

        report_put_text(object, "address", fact->vip->address);
        report_put_bool(object, "is_floating", fact->is_floating);
        report_put_text(object, "switch", fact->sw ? fact->sw->name : NULL);
        report_put_text(object, "port", fact->port ? fact->port->name : NULL);
        json_array_add(array, object);
    }
    return array;
}

static struct json *
explain_report_members(const struct facts *facts)
{
    struct json *array = json_array_create_empty();

    for (size_t i = 0; i < facts->n_members; i++) {
        const struct fact_member *fact = &facts->members[i];
        const struct model_member *member = fact->member;
        struct json *object = json_object_create();

        report_put_uuid(object, "id", &member->base.id);
        report_put_uuid(object, "pool_id", &fact->pool->base.id);
        report_put_text(object, "address", member->address);
        report_put_integer(object, "protocol_port", member->protocol_port);
        report_put_text(object, "operating_status",
                        operating_status_to_string(
                            member->base.operating_status));
        report_put_text(object, "probe", (fact->probe && fact->probe[0]
                                          ? fact->probe : NULL));
        report_put_text(object, "port", fact->port ? fact->port->name : NULL);
        report_put_text(object, "chassis", fact->chassis);
        json_array_add(array, object);
    }
    return array;
}

static struct json *
explain_report_rows(const struct facts *facts)
{
    struct json *array = json_array_create_empty();

    for (size_t i = 0; i < facts->n_rows; i++) {
        const struct fact_row *fact = &facts->rows[i];
        struct json *object = json_object_create();

        report_put_uuid(object, "id", &fact->row->uuid);
        report_put_text(object, "protocol", (fact->row->protocol[0]
                                             ? fact->row->protocol : NULL));
        report_put_bool(object, "is_translated", fact->is_in_sb);
        json_array_add(array, object);
    }
    return array;
}

static struct json *
explain_report_findings(const struct finding *findings, size_t n)
{
    struct json *array = json_array_create_empty();

    for (size_t i = 0; i < n; i++) {
        struct json *object = json_object_create();

        report_put_text(object, "code", findings[i].code);
        report_put_text(object, "severity",
                        (findings[i].severity == FINDING_PROBLEM
                         ? "problem" : "note"));
        report_put_text(object, "text", findings[i].text);
        json_array_add(array, object);
    }
    return array;
}

struct json *
explain_report(const struct facts *facts, const struct finding *findings,
               size_t n)
{
    struct json *document = json_object_create();

    json_object_put(document, "load_balancer", explain_report_lb(facts->lb));
    json_object_put(document, "vips", explain_report_vips(facts));
    json_object_put(document, "members", explain_report_members(facts));
    json_object_put(document, "rows", explain_report_rows(facts));
    json_object_put(document, "findings",
                    explain_report_findings(findings, n));
    return document;
}
