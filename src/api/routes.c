/* SPDX-License-Identifier: Apache-2.0
 *
 * All that can be asked.  A row for each method and path; all others are
 * answered with 404 or 405.
 *
 * Paths are below "/v2.0/"; "/v2/" is the same, and "lbaas/" may be left out.
 * A leading "/load-balancer" is what a deployment behind a proxy gives, and is
 * dropped, as are empty segments and a final ".json".
 */

#include <config.h>
#include "api/routes.h"
#include <string.h>
#include "api/handlers.h"
#include "auth/policy.h"
#include "model/absent.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

#define LB RESOURCE_LOAD_BALANCER
#define LISTENER RESOURCE_LISTENER
#define POOL RESOURCE_POOL
#define MEMBER RESOURCE_MEMBER
#define MONITOR RESOURCE_HEALTH_MONITOR
#define NONE NO_RESOURCE

#define LBS "lbaas/loadbalancers"
#define LISTENERS "lbaas/listeners"
#define POOLS "lbaas/pools"
#define MEMBERS "lbaas/pools/{id}/members"
#define MONITORS "lbaas/healthmonitors"
#define L7POLICIES "lbaas/l7policies"
#define AMPHORAE "octavia/amphorae"
#define QUOTAS "lbaas/quotas"

/* Our own, at a path that Octavia's API will not have. */
#define TREES "ovn/loadbalancers/{id}/tree"

/* Objects that OVN does not have, and that administrators would make. */
#define ABSENT_OBJECTS(PATH, POLICY, KIND)                                  \
    { "GET", PATH, handle_absent_list, POLICY ":get_all", KIND, 200,        \
      QUERY_LIST, NEEDS_NOTHING },                                          \
    { "POST", PATH, handle_absent_create, POLICY ":post", KIND, 201,        \
      QUERY_NONE, NEEDS_NOTHING },                                          \
    { "PUT", PATH, handle_missing_id, NULL, NONE, 400, QUERY_FREE,          \
      NEEDS_NOTHING },                                                      \
    { "DELETE", PATH, handle_missing_id, NULL, NONE, 400, QUERY_FREE,       \
      NEEDS_NOTHING },                                                      \
    { "GET", PATH "/{id}", handle_absent_guarded, POLICY ":get_one", KIND,  \
      200, QUERY_SHOW, NEEDS_NOTHING },                                     \
    { "PUT", PATH "/{id}", handle_absent_guarded, POLICY ":put", KIND, 200, \
      QUERY_NONE, NEEDS_NOTHING },                                          \
    { "DELETE", PATH "/{id}", handle_absent_guarded, POLICY ":delete",      \
      KIND, 204, QUERY_NONE, NEEDS_NOTHING }
#define L7RULES(METHOD, PATH, POLICY, STATUS)                               \
    { METHOD, "lbaas/l7policies/{id}/rules" PATH, handle_l7_rules,          \
      "l7rule:" POLICY, NONE, STATUS, QUERY_FREE, NEEDS_NOTHING }

/* Neutron's resources are read only: a write is refused with the reason. */
#define NEUTRON_READ(PATH, HANDLER)                                     \
    { "GET", PATH, HANDLER, "network:get", NONE, 200, QUERY_FREE, NEEDS_NET }
#define NEUTRON_WRITE(METHOD, PATH)                                     \
    { METHOD, PATH, handle_network_write, "network:get", NONE, 403,     \
      QUERY_FREE, NEEDS_NET }
#define NEUTRON(PATH)                                                   \
    NEUTRON_READ(PATH, handle_network_list),                            \
    NEUTRON_WRITE("POST", PATH),                                        \
    NEUTRON_READ(PATH "/{id}", handle_network_show),                    \
    NEUTRON_WRITE("PUT", PATH "/{id}"),                                 \
    NEUTRON_WRITE("DELETE", PATH "/{id}"),                              \
    NEUTRON_READ(PATH "/{id}/tags", handle_network_tags),               \
    NEUTRON_WRITE("PUT", PATH "/{id}/tags"),                            \
    NEUTRON_WRITE("DELETE", PATH "/{id}/tags"),                         \
    NEUTRON_WRITE("PUT", PATH "/{id}/tags/{id}"),                       \
    NEUTRON_WRITE("DELETE", PATH "/{id}/tags/{id}")

/* PUT and DELETE of a whole collection get Octavia's complaint about the
 * missing id rather than 405. */
static const struct route routes[] = {
    /* Method, path, handler, policy, resource, status, arguments, needs. */
    { "GET", LBS, handle_list, "loadbalancer:get_all", LB, 200,
      QUERY_LIST, NEEDS_STORE },
    { "POST", LBS, handle_write, "loadbalancer:post", LB, 201,
      QUERY_NONE, NEEDS_STORE },
    { "PUT", LBS, handle_missing_id, NULL, NONE, 400, QUERY_FREE,
      NEEDS_NOTHING },
    { "DELETE", LBS, handle_missing_id, NULL, NONE, 400, QUERY_FREE,
      NEEDS_NOTHING },
    { "GET", LBS "/{id}", handle_show, "loadbalancer:get_one", LB, 200,
      QUERY_SHOW, NEEDS_STORE },
    { "PUT", LBS "/{id}", handle_write, "loadbalancer:put", LB, 200,
      QUERY_NONE, NEEDS_STORE },
    { "DELETE", LBS "/{id}", handle_write, "loadbalancer:delete", LB, 204,
      QUERY_CASCADE, NEEDS_STORE },
    { "GET", LBS "/{id}/status", handle_status, "loadbalancer:get_status",
      LB, 200, QUERY_FREE, NEEDS_STORE },
    { "GET", LBS "/{id}/statuses", handle_status, "loadbalancer:get_status",
      LB, 200, QUERY_FREE, NEEDS_STORE },
    { "GET", LBS "/{id}/fault", handle_lb_fault, "loadbalancer:get_status",
      LB, 200, QUERY_FREE, NEEDS_STORE },
    { "PUT", LBS "/{id}/failover", handle_failover,
      "loadbalancer:put_failover", LB, 202, QUERY_FREE, NEEDS_STORE },

    { "GET", LISTENERS, handle_list, "listener:get_all", LISTENER, 200,
      QUERY_LIST, NEEDS_STORE },
    { "POST", LISTENERS, handle_write, "listener:post", LISTENER, 201,
      QUERY_NONE, NEEDS_STORE },
    { "PUT", LISTENERS, handle_missing_id, NULL, NONE, 400, QUERY_FREE,
      NEEDS_NOTHING },
    { "DELETE", LISTENERS, handle_missing_id, NULL, NONE, 400, QUERY_FREE,
      NEEDS_NOTHING },
    { "GET", LISTENERS "/{id}", handle_show, "listener:get_one", LISTENER,
      200, QUERY_SHOW, NEEDS_STORE },
    { "PUT", LISTENERS "/{id}", handle_write, "listener:put", LISTENER, 200,
      QUERY_NONE, NEEDS_STORE },
    { "DELETE", LISTENERS "/{id}", handle_write, "listener:delete", LISTENER,
      204, QUERY_NONE, NEEDS_STORE },

    { "GET", POOLS, handle_list, "pool:get_all", POOL, 200, QUERY_LIST,
      NEEDS_STORE },
    { "POST", POOLS, handle_write, "pool:post", POOL, 201, QUERY_NONE,
      NEEDS_STORE },
    { "PUT", POOLS, handle_missing_id, NULL, NONE, 400, QUERY_FREE,
      NEEDS_NOTHING },
    { "DELETE", POOLS, handle_missing_id, NULL, NONE, 400, QUERY_FREE,
      NEEDS_NOTHING },
    { "GET", POOLS "/{id}", handle_show, "pool:get_one", POOL, 200,
      QUERY_SHOW, NEEDS_STORE },
    { "PUT", POOLS "/{id}", handle_write, "pool:put", POOL, 200, QUERY_NONE,
      NEEDS_STORE },
    { "DELETE", POOLS "/{id}", handle_write, "pool:delete", POOL, 204,
      QUERY_NONE, NEEDS_STORE },

    { "GET", MEMBERS, handle_list, "member:get_all", MEMBER, 200, QUERY_LIST,
      NEEDS_STORE },
    { "POST", MEMBERS, handle_write, "member:post", MEMBER, 201, QUERY_NONE,
      NEEDS_STORE },
    { "PUT", MEMBERS, handle_write_list, "member:put", MEMBER, 202,
      QUERY_ADDITIVE, NEEDS_STORE },
    { "DELETE", MEMBERS, handle_missing_id, NULL, NONE, 400, QUERY_FREE,
      NEEDS_NOTHING },
    { "GET", MEMBERS "/{id}", handle_show, "member:get_one", MEMBER, 200,
      QUERY_SHOW, NEEDS_STORE },
    { "PUT", MEMBERS "/{id}", handle_write, "member:put", MEMBER, 200,
      QUERY_NONE, NEEDS_STORE },
    { "DELETE", MEMBERS "/{id}", handle_write, "member:delete", MEMBER, 204,
      QUERY_NONE, NEEDS_STORE },

    { "GET", MONITORS, handle_list, "healthmonitor:get_all", MONITOR, 200,
      QUERY_LIST, NEEDS_STORE },
    { "POST", MONITORS, handle_write, "healthmonitor:post", MONITOR, 201,
      QUERY_NONE, NEEDS_STORE },
    { "PUT", MONITORS, handle_missing_id, NULL, NONE, 400, QUERY_FREE,
      NEEDS_NOTHING },
    { "DELETE", MONITORS, handle_missing_id, NULL, NONE, 400, QUERY_FREE,
      NEEDS_NOTHING },
    { "GET", MONITORS "/{id}", handle_show, "healthmonitor:get_one", MONITOR,
      200, QUERY_SHOW, NEEDS_STORE },
    { "PUT", MONITORS "/{id}", handle_write, "healthmonitor:put", MONITOR,
      200, QUERY_NONE, NEEDS_STORE },
    { "DELETE", MONITORS "/{id}", handle_write, "healthmonitor:delete",
      MONITOR, 204, QUERY_NONE, NEEDS_STORE },

    { "GET", QUOTAS, handle_quotas, "quota:get_all", QUOTA_RESOURCE, 200,
      QUERY_LIST, NEEDS_STORE },
    { "PUT", QUOTAS, handle_missing_id, NULL, QUOTA_RESOURCE, 400, QUERY_FREE,
      NEEDS_NOTHING },
    { "DELETE", QUOTAS, handle_missing_id, NULL, QUOTA_RESOURCE, 400,
      QUERY_FREE, NEEDS_NOTHING },
    { "GET", QUOTAS "/defaults", handle_quota_defaults, "quota:get_defaults",
      QUOTA_RESOURCE, 200, QUERY_NONE, NEEDS_NOTHING },
    { "GET", QUOTAS "/{id}", handle_quota, "quota:get_one", QUOTA_RESOURCE,
      200, QUERY_NONE, NEEDS_STORE },
    { "PUT", QUOTAS "/{id}", handle_quota_write, "quota:put", QUOTA_RESOURCE,
      202, QUERY_NONE, NEEDS_STORE },
    { "DELETE", QUOTAS "/{id}", handle_quota_write, "quota:delete",
      QUOTA_RESOURCE, 202, QUERY_NONE, NEEDS_STORE },
    { "GET", QUOTAS "/{id}/default", handle_quota_default,
      "quota:get_defaults", QUOTA_RESOURCE, 200, QUERY_NONE, NEEDS_NOTHING },

    { "GET", "lbaas/providers", handle_providers, "provider:get_all", NONE,
      200, QUERY_FREE, NEEDS_NOTHING },
    { "GET", "lbaas", handle_v2, NULL, NONE, 200, QUERY_FREE,
      NEEDS_NOTHING },

    { "GET", LBS "/{id}/stats", handle_stats, "loadbalancer:get_stats", LB,
      200, QUERY_FREE, NEEDS_STORE },
    { "GET", LISTENERS "/{id}/stats", handle_stats, "listener:get_stats",
      LISTENER, 200, QUERY_FREE, NEEDS_STORE },

    /* Objects that OVN does not have. */
    { "GET", L7POLICIES, handle_absent_list, "l7policy:get_all",
      ABSENT_L7_POLICY, 200, QUERY_LIST, NEEDS_NOTHING },
    { "POST", L7POLICIES, handle_l7_policy_create, "l7policy:post",
      ABSENT_L7_POLICY, 201, QUERY_NONE, NEEDS_STORE },
    { "PUT", L7POLICIES, handle_missing_id, NULL, NONE, 400, QUERY_FREE,
      NEEDS_NOTHING },
    { "DELETE", L7POLICIES, handle_missing_id, NULL, NONE, 400, QUERY_FREE,
      NEEDS_NOTHING },
    { "GET", L7POLICIES "/{id}", handle_absent_object, "l7policy:get_one",
      ABSENT_L7_POLICY, 200, QUERY_SHOW, NEEDS_NOTHING },
    { "PUT", L7POLICIES "/{id}", handle_absent_object, "l7policy:put",
      ABSENT_L7_POLICY, 200, QUERY_NONE, NEEDS_NOTHING },
    { "DELETE", L7POLICIES "/{id}", handle_absent_object, "l7policy:delete",
      ABSENT_L7_POLICY, 204, QUERY_NONE, NEEDS_NOTHING },
    L7RULES("GET", "", "get_all", 200),
    L7RULES("POST", "", "post", 201),
    L7RULES("PUT", "", "put", 200),
    L7RULES("DELETE", "", "delete", 204),
    L7RULES("GET", "/{id}", "get_one", 200),
    L7RULES("PUT", "/{id}", "put", 200),
    L7RULES("DELETE", "/{id}", "delete", 204),
    ABSENT_OBJECTS("lbaas/flavors", "flavor", ABSENT_FLAVOR),
    ABSENT_OBJECTS("lbaas/flavorprofiles", "flavor-profile",
                   ABSENT_FLAVOR_PROFILE),
    ABSENT_OBJECTS("lbaas/availabilityzones", "availability-zone",
                   ABSENT_ZONE),
    ABSENT_OBJECTS("lbaas/availabilityzoneprofiles",
                   "availability-zone-profile", ABSENT_ZONE_PROFILE),
    { "GET", "lbaas/providers/{id}/flavor_capabilities", handle_capabilities,
      "provider-flavor:get_all", NONE, 200, QUERY_FREE, NEEDS_NOTHING },
    { "GET", "lbaas/providers/{id}/availability_zone_capabilities",
      handle_capabilities, "provider-availability-zone:get_all", NONE, 200,
      QUERY_FREE, NEEDS_NOTHING },
    { "GET", "octavia", handle_v2, NULL, NONE, 200, QUERY_FREE,
      NEEDS_NOTHING },
    { "GET", AMPHORAE, handle_absent_list, "amphora:get_all", ABSENT_AMPHORA,
      200, QUERY_LIST, NEEDS_NOTHING },
    { "GET", AMPHORAE "/{id}", handle_absent_object, "amphora:get_one",
      ABSENT_AMPHORA, 200, QUERY_SHOW, NEEDS_NOTHING },
    { "DELETE", AMPHORAE "/{id}", handle_absent_guarded, "amphora:delete",
      ABSENT_AMPHORA, 204, QUERY_NONE, NEEDS_NOTHING },
    { "GET", AMPHORAE "/{id}/stats", handle_absent_stats, "amphora:get_stats",
      ABSENT_AMPHORA, 200, QUERY_FREE, NEEDS_NOTHING },
    { "PUT", AMPHORAE "/{id}/config", handle_absent_object,
      "amphora:put_config", ABSENT_AMPHORA, 202, QUERY_NONE, NEEDS_NOTHING },
    { "PUT", AMPHORAE "/{id}/failover", handle_absent_object,
      "amphora:put_failover", ABSENT_AMPHORA, 202, QUERY_NONE,
      NEEDS_NOTHING },

    { "GET", TREES, handle_tree, "loadbalancer:get_one", LB, 200, QUERY_FREE,
      NEEDS_STORE },
    { "PUT", TREES, handle_tree_write, "loadbalancer:put", LB, 200,
      QUERY_TREE, NEEDS_STORE },

    /* Calls that clients make to Neutron, answered where there is none. */
    NEUTRON("networks"),
    NEUTRON("subnets"),
    NEUTRON("ports"),
    NEUTRON("floatingips"),
    NEUTRON("routers"),
    NEUTRON("qos/policies"),
    NEUTRON("security-groups"),
    NEUTRON("security-group-rules"),
    { "GET", "extensions", handle_extensions, NULL, NONE, 200, QUERY_FREE,
      NEEDS_NOTHING },
    { "GET", "extensions/{id}", handle_extension, NULL, NONE, 200, QUERY_FREE,
      NEEDS_NOTHING },
};

/* Not below "/v2": the list of versions, at "/", and the description of
 * all. */
enum { OTHER_VERSIONS, OTHER_OPENAPI };
static const struct route other_routes[] = {
    [OTHER_VERSIONS] = {
        "*", "", handle_versions, NULL, NONE, 200, QUERY_FREE, NEEDS_NOTHING
    },
    [OTHER_OPENAPI] = {
        "GET", "openapi.json", handle_openapi, NULL, NONE, 200, QUERY_FREE,
        NEEDS_NOTHING
    },
};

/* Handlers of routes without a policy: any caller who is known gets their
 * answers. */
static const struct {
    request_handler *handle;
    const char *why;
} unguarded[] = {
    { handle_missing_id, "tells only that the path has no id" },
    { handle_openapi, "tells only how the API is asked" },
    { handle_extension, "tells only what Neutron has that is answered here" },
    { handle_extensions, "the same of all" },
    { handle_v2, "tells only which version of the API this is" },
    { handle_versions, "tells only which versions of the API there are" },
};

/* The longest path, "load-balancer/v2.0/lbaas/pools/ID/members/ID", has one
 * less, so that longer ones do not fit. */
#define SEGMENTS_MAX 8

struct segments {
    const char *words[SEGMENTS_MAX];
    size_t n;
};

static void
segments_split(char *path, struct segments *ret)
{
    ret->n = 0;
    while (ret->n < SEGMENTS_MAX) {
        path += strspn(path, "/");
        if (!*path) {
            break;
        }
        ret->words[ret->n++] = path;
        path += strcspn(path, "/");
        if (*path) {
            *path++ = '\0';
        }
    }
}

static void
segments_drop_suffix(struct segments *segments)
{
    if (segments->n) {
        char *last = CONST_CAST(char *, segments->words[segments->n - 1]);
        size_t length = strlen(last);

        if (length > 5 && !strcmp(last + length - 5, ".json")) {
            last[length - 5] = '\0';
        }
    }
}

static void
segments_shift(struct segments *segments)
{
    segments->n--;
    memmove(&segments->words[0], &segments->words[1],
            segments->n * sizeof segments->words[0]);
}

static bool
segments_start_with(const struct segments *segments, const char *word)
{
    return segments->n && !strcmp(segments->words[0], word);
}

/* True if the segments are those of 'pattern'.  Stores the ids, which stand in
 * the place of "{id}". */
static bool
segments_match(const char *pattern, const struct segments *segments,
               struct route_path *path)
{
    size_t n_ids = 0;

    for (size_t i = 0; i < segments->n; i++) {
        size_t length = strcspn(pattern, "/");
        const char *word = segments->words[i];

        if (!length) {
            return false;
        } else if (*pattern == '{') {
            if (n_ids >= ROUTE_IDS_MAX) {
                return false;
            }
            path->ids[n_ids++] = word;
        } else if (strncmp(word, pattern, length) || word[length]) {
            return false;
        }
        pattern += length;
        pattern += *pattern == '/';
    }
    path->n_ids = n_ids;
    return !*pattern;
}

/* True if 'route' has the segments; "lbaas/" is the default for what is not at
 * the top itself. */
static bool
route_matches(const struct route *route, const struct segments *segments,
              bool has_lbaas, struct route_path *path)
{
    const char *pattern = route->path;
    bool is_lbaas = !strncmp(pattern, "lbaas", 5);

    if (is_lbaas) {
        pattern += pattern[5] == '/' ? 6 : 5;
    } else if (has_lbaas) {
        return false;
    }
    return segments_match(pattern, segments, path);
}

static const struct route *
route_find_below_v2(struct route_path *path, const char *method,
                    const struct segments *segments, bool has_lbaas)
{
    for (size_t i = 0; i < ARRAY_SIZE(routes); i++) {
        const struct route *route = &routes[i];

        if (!strcmp(route->method, method)
            && route_matches(route, segments, has_lbaas, path)) {
            return route;
        }
    }
    return NULL;
}

/* Appends the methods that the path has. */
static void
route_list_methods(struct route_path *path, const struct segments *segments,
                   bool has_lbaas, struct ds *allow)
{
    static const char *const methods[] = { "DELETE", "GET", "POST", "PUT" };

    for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
        if (route_find_below_v2(path, methods[i], segments, has_lbaas)) {
            ds_put_format(allow, "%s%s", allow->length ? ", " : "",
                          methods[i]);
        }
    }
}

static const struct route *
route_choose_openapi(const char *method, struct ds *allow,
                     struct fault **faultp)
{
    const struct route *route = &other_routes[OTHER_OPENAPI];

    if (!strcmp(method, route->method)) {
        return route;
    }
    ds_put_cstr(allow, route->method);
    fault_set(faultp, FAULT_METHOD_NOT_ALLOWED);
    return NULL;
}

const struct route *
route_find(struct route_path *path, const char *method, const char *text,
           struct ds *allow, struct fault **faultp)
{
    struct segments segments;
    bool has_lbaas;

    free(path->text);
    path->text = xstrdup(text);
    segments_split(path->text, &segments);
    segments_drop_suffix(&segments);
    if (segments_start_with(&segments, "load-balancer")) {
        segments_shift(&segments);
    }
    if (!segments.n) {
        return &other_routes[OTHER_VERSIONS];
    }
    if (segments.n == 1 && segments_start_with(&segments, "openapi")) {
        return route_choose_openapi(method, allow, faultp);
    }
    if (!segments_start_with(&segments, "v2.0")
        && !segments_start_with(&segments, "v2")) {
        fault_set(faultp, FAULT_NO_TOP_ROUTE);
        return NULL;
    }
    segments_shift(&segments);
    has_lbaas = segments_start_with(&segments, "lbaas");
    if (has_lbaas) {
        segments_shift(&segments);
    }

    const struct route *route = route_find_below_v2(path, method, &segments,
                                                    has_lbaas);
    if (!route) {
        route_list_methods(path, &segments, has_lbaas, allow);
        fault_set(faultp,
                  allow->length ? FAULT_METHOD_NOT_ALLOWED : FAULT_NO_ROUTE);
    }
    return route;
}

/* Routes are numbered: those of the table, the others, and none. */
#define ROUTE_NONE (ARRAY_SIZE(routes) + ARRAY_SIZE(other_routes))
BUILD_ASSERT_DECL(ROUTE_NONE < ROUTES_MAX);

size_t
route_index(const struct route *route)
{
    if (!route) {
        return ROUTE_NONE;
    } else if (route >= routes && route < routes + ARRAY_SIZE(routes)) {
        return route - routes;
    }

    size_t other = route - other_routes;
    ovs_assert(other < ARRAY_SIZE(other_routes));
    return ARRAY_SIZE(routes) + other;
}

const struct route *
route_get(size_t i)
{
    return (i < ARRAY_SIZE(routes) ? &routes[i]
            : i < ROUTE_NONE ? &other_routes[i - ARRAY_SIZE(routes)] : NULL);
}

bool
route_is_versioned(const struct route *route)
{
    return route_index(route) < ARRAY_SIZE(routes);
}

static bool
route_is_guarded(const struct route *route)
{
    if (route->policy) {
        return policy_exists(route->policy);
    }
    for (size_t i = 0; i < ARRAY_SIZE(unguarded); i++) {
        if (unguarded[i].handle == route->handle && unguarded[i].why) {
            return true;
        }
    }
    return false;
}

char *
routes_find_fault(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(routes); i++) {
        const struct route *route = &routes[i];

        if (!route_is_guarded(route)) {
            return xasprintf("%s %s: %s%s", route->method, route->path,
                             route->policy ? "there is no policy "
                             : "neither a policy nor a note why it needs none",
                             route->policy ? route->policy : "");
        }
    }
    return NULL;
}

struct route_name
route_name(size_t index)
{
    const struct route *route = route_get(index);

    if (!route) {
        return (struct route_name) { "any", "none" };
    }
    return (struct route_name) {
        strcmp(route->method, "*") ? route->method : "any",
        *route->path ? route->path : "/",
    };
}

bool
route_writes_list(const struct route *route)
{
    return route->handle == handle_write_list;
}
