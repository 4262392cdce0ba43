/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers about objects that OVN does not have; see absent.h.
 *
 * Flavors, availability zones and their profiles configure amphorae.  Octavia
 * asks the provider about a profile's content before it stores one, and OVN's
 * provider knows none, so there is never a profile; without one there is no
 * flavor and no zone.
 */

#include <config.h>
#include "api/absent.h"
#include <string.h>
#include "api/authorise.h"
#include "api/handlers.h"
#include "api/request.h"
#include "base/json-read.h"
#include "model/absent.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"

/* What Octavia checks of a new object before it asks the provider, and the
 * provider's answer; or the profile that the object names, which is not there.
 */
struct absent_rule {
    enum absent_id kind;
    const char *profile;        /* Attribute that names it, or NULL. */
    enum absent_id profile_kind;
    const char *data;           /* Attribute with JSON for the provider. */
    const char *refusal;        /* The provider's. */
    const char *links;          /* Octavia's name for the links of a list, next
                                 * to the regular one that clients look for. */
};

static const struct absent_rule absent_rules[] = {
    { .kind = ABSENT_FLAVOR,
      .profile = "flavor_profile_id",
      .profile_kind = ABSENT_FLAVOR_PROFILE },
    { .kind = ABSENT_FLAVOR_PROFILE,
      .data = "flavor_data",
      .refusal = "This provider does not support validating flavors.",
      .links = "flavorprofile_links" },
    { .kind = ABSENT_ZONE,
      .profile = "availability_zone_profile_id",
      .profile_kind = ABSENT_ZONE_PROFILE },
    { .kind = ABSENT_ZONE_PROFILE,
      .data = "availability_zone_data",
      .refusal = "This provider does not support validating availability "
                 "zones.",
      .links = "availability_zone_profile_links" },
};

/* Lists of what a provider takes, and OVN's answer. */
static const struct {
    const char *word;           /* Last in the path. */
    const char *refusal;
} absent_capabilities[] = {
    { "flavor_capabilities",
      "This provider does not support getting the supported flavor "
      "metadata." },
    { "availability_zone_capabilities",
      "This provider does not support getting the supported availability zone "
      "metadata." },
};

const struct resource *
absent_find(const struct route *route)
{
    return (route->resource >= ABSENT_FIRST
            ? absent_resource(route->resource) : NULL);
}

bool
absent_takes_body(const struct route *route)
{
    const struct resource *resource = absent_find(route);

    return resource && resource->argument;
}

static const struct absent_rule *
absent_find_rule(const struct route *route)
{
    for (size_t i = 0; i < ARRAY_SIZE(absent_rules); i++) {
        if (absent_rules[i].kind == route->resource) {
            return &absent_rules[i];
        }
    }
    return NULL;
}

const char *
absent_links(const struct route *route)
{
    const struct absent_rule *rule = absent_find_rule(route);

    return rule ? rule->links : NULL;
}

static bool
absent_set_not_found(struct request *request)
{
    return fault_set(&request->fault, FAULT_NOT_FOUND,
                     absent_find(request->route)->title,
                     request->path.ids[0]);
}

/* An object is looked for before the policy is asked, since its project
 * decides, unless only administrators may ask. */
bool
absent_may_be_allowed(struct request *request)
{
    if (authorise_anywhere(request)) {
        return true;
    }
    return (request->route->handle == handle_absent_object
            ? absent_set_not_found(request)
            : fault_set(&request->fault, FAULT_POLICY_FORBIDDEN));
}

void
handle_absent_list(struct request *request)
{
    const struct resource *resource = absent_find(request->route);
    const char *links = absent_links(request->route);
    struct ds body = DS_EMPTY_INITIALIZER;

    if (!authorise_list(request)
        || (request->query.marker
            && !fault_set(&request->fault, FAULT_INVALID_MARKER,
                          request->query.marker))) {
        request_fail(request);
        return;
    }
    ds_put_format(&body, "{\"%s\": [], \"%s_links\": []", resource->plural,
                  resource->plural);
    if (links) {
        ds_put_format(&body, ", \"%s\": []", links);
    }
    ds_put_char(&body, '}');
    request_reply(request, &body);
}

/* Answers to any method on a single object that is looked for first. */
void
handle_absent_object(struct request *request)
{
    absent_set_not_found(request);
    request_fail(request);
}

/* Answers to any method on a single object that administrators may know. */
void
handle_absent_guarded(struct request *request)
{
    if (authorise_own(request)) {
        absent_set_not_found(request);
    }
    request_fail(request);
}

void
handle_absent_stats(struct request *request)
{
    if (authorise_own(request)) {
        fault_set(&request->fault, FAULT_NOT_FOUND, "Amphora stats for",
                  request->path.ids[0]);
    }
    request_fail(request);
}

static bool
absent_check_provider(struct request *request, const char *provider)
{
    return (!strcmp(provider, "ovn")
            || fault_set(&request->fault, FAULT_PROVIDER_NOT_ENABLED,
                         provider));
}

/* Checks that the text in 'attribute' is JSON. */
static bool
absent_check_data(struct request *request, const char *attribute)
{
    const char *text = attrs_string(request->attrs, attribute);
    struct json *json = json_read(text, strlen(text));

    json_destroy(json);
    return json || fault_set(&request->fault, FAULT_INVALID_OPTION, text,
                             attribute);
}

void
handle_absent_create(struct request *request)
{
    const struct absent_rule *rule = absent_find_rule(request->route);

    if (!authorise_own(request)) {
        request_fail(request);
    } else if (rule->profile) {
        fault_set_id(&request->fault, FAULT_INVALID_SUBRESOURCE,
                     absent_resource(rule->profile_kind)->title,
                     attrs_uuid(request->attrs, rule->profile));
        request_fail(request);
    } else if (!absent_check_data(request, rule->data)
               || !absent_check_provider(request,
                                         attrs_string(request->attrs,
                                                      "provider_name"))) {
        request_fail(request);
    } else {
        request_fail_with(request, FAULT_UNSUPPORTED_ACTION, rule->refusal);
    }
}

void
handle_capabilities(struct request *request)
{
    const char *path = request->route->path;

    if (authorise_own(request)
        && absent_check_provider(request, request->path.ids[0])) {
        for (size_t i = 0; i < ARRAY_SIZE(absent_capabilities); i++) {
            if (!strcmp(strrchr(path, '/') + 1, absent_capabilities[i].word)) {
                fault_set(&request->fault, FAULT_UNSUPPORTED_ACTION,
                          absent_capabilities[i].refusal);
            }
        }
    }
    request_fail(request);
}
