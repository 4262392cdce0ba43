/* SPDX-License-Identifier: Apache-2.0
 *
 * The Python provider's refusals; see refusals.h.
 */

#include <config.h>
#include "octavia/refusals.h"
#include "base/ip.h"
#include "base/ovs-compat.h"
#include "model/checks.h"
#include "octavia/body.h"
#include "openvswitch/json.h"
#include "util.h"

static const char *const vnic_types[] = { "normal", NULL };
static const char *const no_words[] = { NULL };

static const struct word_rule {
    enum resource_id resource;
    const char *name;
    const char *const *words;   /* Not refused.  NULL: the field's. */
    const char *text;           /* "%s" is the value.  NULL: the field's. */
    bool is_option;             /* Makes no difference to OVN: passed over in
                                 * what Octavia has already. */
} word_rules[] = {
    { RESOURCE_LISTENER, "protocol", NULL, NULL, false },
    { RESOURCE_POOL, "protocol", NULL, NULL, false },
    { RESOURCE_POOL, "lb_algorithm", NULL,
      "OVN provider does not support %s algorithm", false },
    { RESOURCE_HEALTH_MONITOR, "type", NULL, NULL, false },
    /* Not in the Python provider, which passes over it. */
    { RESOURCE_LOAD_BALANCER, "vip_qos_policy_id", no_words,
      "OVN provider does not support vip_qos_policy_id option", true },
    { RESOURCE_MEMBER, "vnic_type", vnic_types,
      "OVN provider does not support vnic_type option", true },
};

static const struct field *
rule_field(const struct word_rule *rule)
{
    return field_find(resource_get(rule->resource), rule->name);
}

static bool
check_word(const struct word_rule *rule, const struct json *object,
           struct fault **faultp)
{
    const struct json *value = body_get(object, rule->name);
    const struct refusal *refusal = &rule_field(rule)->refusal;
    const char *const *words = rule->words ? rule->words : refusal->supported;
    const char *text = rule->text ? rule->text : refusal->text;

    return (!value || value->type != JSON_STRING
            || word_is_in(words, json_string(value))
            || fault_set_value(faultp, FAULT_UNSUPPORTED_OPTION, text,
                               json_string(value)));
}

/* Refuses addresses that Octavia takes, but OVN does not: IPv4 written as
 * IPv6, and addresses with a zone. */
static bool
refusals_check_address(const char *name, const struct json *value,
                       struct fault **faultp)
{
    struct in6_addr ip;

    if (!value || value->type != JSON_STRING
        || ip_parse_any(json_string(value), &ip)) {
        return true;
    }

    return fault_set_format(faultp, FAULT_UNSUPPORTED_OPTION,
                            "OVN provider does not support the %s %s: it is "
                            "neither a plain IPv4 nor a plain IPv6 address",
                            name, json_string(value));
}

static bool
check_addresses(enum resource_id resource, const struct json *object,
                struct fault **faultp)
{
    const struct json *vips = (resource == RESOURCE_LOAD_BALANCER
                               ? body_get(object, "additional_vips") : NULL);

    if (resource == RESOURCE_MEMBER) {
        return refusals_check_address("address", body_get(object, "address"),
                                      faultp);
    }
    if (resource == RESOURCE_LOAD_BALANCER
        && !refusals_check_address("vip_address",
                                   body_get(object, "vip_address"), faultp)) {
        return false;
    }
    for (size_t i = 0; vips && vips->type == JSON_ARRAY
         && i < json_array_size(vips); i++) {
        const struct json *vip = json_array_at(vips, i);

        if (vip->type == JSON_OBJECT
            && !refusals_check_address("ip_address",
                                       body_get(vip, "ip_address"), faultp)) {
            return false;
        }
    }
    return true;
}

static bool
refusals_check_member(const struct json *object,
                      const struct body_rules *rules, struct fault **faultp)
{
    return check_member_monitor(body_get(object, "monitor_address")
                                || body_get(object, "monitor_port"),
                                rules->is_batch, faultp);
}

static bool
refusals_check_monitor(enum attrs_method method, const struct json *object,
                       struct fault **faultp)
{
    return (method != ATTRS_POST || body_get(object, "type")
            || fault_set(faultp, FAULT_UNSUPPORTED_OPTION,
                         "OVN provider health monitor type not specified."));
}

static bool
is_empty(const struct json *json)
{
    return (!json || (json->type == JSON_ARRAY && !json_array_size(json))
            || (json->type == JSON_OBJECT
                && shash_is_empty(json_object(json))));
}

/* Refuses attributes that body_parse() leaves out, because Octavia passes them
 * in another form than the API takes them. */
static bool
refusals_check_unknown(enum resource_id resource, const struct json *object,
                       struct fault **faultp)
{
    static const struct {
        enum resource_id resource;
        const char *name;
        const char *text;
    } names[] = {
        { RESOURCE_LISTENER, "l7policies",
          "OVN provider does not support l7policies" },
        { RESOURCE_LOAD_BALANCER, "flavor",
          "OVN provider does not support flavors" },
        { RESOURCE_LOAD_BALANCER, "availability_zone",
          "OVN provider does not support availability zones" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (names[i].resource == resource
            && !is_empty(body_get(object, names[i].name))) {
            return fault_set(faultp, FAULT_UNSUPPORTED_OPTION,
                             names[i].text);
        }
    }
    return true;
}

static bool
is_dispensable(const struct word_rule *rule)
{
    return rule_field(rule)->flags & FIELD_DISPENSABLE;
}

bool
refusals_check(enum resource_id resource, enum attrs_method method,
               const struct json *object, const struct body_rules *rules,
               struct fault **faultp)
{
    for (size_t i = 0; i < ARRAY_SIZE(word_rules); i++) {
        const struct word_rule *rule = &word_rules[i];

        if (rule->resource == resource
            && !(rules->is_lenient && rule->is_option)
            && !(!rules->is_strict && is_dispensable(rule))
            && !check_word(rule, object, faultp)) {
            return false;
        }
    }
    if (!check_addresses(resource, object, faultp)
        || (resource == RESOURCE_HEALTH_MONITOR
            && !refusals_check_monitor(method, object, faultp))) {
        return false;
    }
    return (rules->is_lenient
            || ((resource != RESOURCE_MEMBER
                 || refusals_check_member(object, rules, faultp))
                && refusals_check_unknown(resource, object, faultp)));
}
