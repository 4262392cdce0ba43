/* SPDX-License-Identifier: Apache-2.0
 *
 * All faults of requests, as one table: the HTTP code and Octavia's text for
 * each.  The code that finds a fault names it; what the client then sees is
 * decided here and nowhere else.
 */

#ifndef BASE_FAULT_H
#define BASE_FAULT_H 1

#include <stdbool.h>
#include "compiler.h"

struct ds;
struct uuid;

/* The shape of a fault's body.  Octavia has two: its API methods answer with
 * a faultstring, its router with a code and a title.  Clients read only the
 * former, so where Octavia's router speaks about the content of a request, we
 * send both in one. */
enum fault_shape {
    FAULT_SHAPE_API,            /* faultcode, faultstring, debuginfo. */
    FAULT_SHAPE_ROUTING,        /* code, title, description. */
    FAULT_SHAPE_BOTH,
};

/* Name, HTTP code, shape, text.  Every parameter of a text is a string.
 *
 * "Bad Request" as the title of PARENT_NOT_FOUND, a 404, is Octavia's. */
#define FAULTS                                                                \
    /* Routing. */                                                            \
    FAULT(NO_ROUTE, 404, ROUTING, "")                                         \
    FAULT(NO_TOP_ROUTE, 404, ROUTING, "")                                     \
    FAULT(METHOD_NOT_ALLOWED, 405, ROUTING, "")                               \
    FAULT(NOT_ACCEPTABLE, 406, ROUTING,                                       \
          "Only content type application/json is accepted.")                  \
    FAULT(PARENT_NOT_FOUND, 404, BOTH, "%s %s not found.")                    \
    FAULT(INVALID_LIMIT, 400, BOTH,                                           \
          "Supplied pagination limit '%s' is not valid.")                     \
    FAULT(INVALID_MARKER, 400, API,                                           \
          "Supplied pagination marker '%s' is not valid.")                    \
    FAULT(INVALID_SORT_KEY, 400, API,                                         \
          "Supplied sort key '%s' is not valid.")                             \
    FAULT(INVALID_SORT_DIRECTION, 400, API,                                   \
          "Supplied sort direction '%s' is not valid.")                       \
    FAULT(INVALID_FILTER, 400, API,                                           \
          "One or more arguments are either duplicate or invalid")            \
    /* The body. */                                                           \
    FAULT(UNKNOWN_MIMETYPE, 415, API, "Unknown mimetype: %s")                 \
    FAULT(UNKNOWN_ARGUMENT, 400, API, "Unknown argument: \"%s\"")             \
    FAULT(MISSING_ARGUMENT, 400, API, "Missing argument: \"%s\"")             \
    FAULT(NOT_JSON, 400, API, "Request is not in valid JSON format")          \
    FAULT(UNKNOWN_ATTRIBUTE, 400, API,                                        \
          "Unknown attribute for argument %s: %s")                            \
    FAULT(UNKNOWN_ATTRIBUTES, 400, API,                                       \
          "Unknown attributes for argument %s: %s")                           \
    FAULT(INVALID_INPUT, 400, API,                                            \
          "Invalid input for field/attribute %s. Value: '%s'. %s")            \
    /* The content of the body. */                                            \
    FAULT(VALIDATION, 400, API, "Validation failure: %s")                     \
    FAULT(INVALID_OPTION, 400, API, "%s is not a valid option for %s")        \
    FAULT(INVALID_L7_POLICY, 400, API, "Invalid L7 Policy arguments: %s")     \
    FAULT(VIP_INCOMPLETE, 400, API,                                           \
          "Validation failure: VIP must contain one of: %s.")                 \
    FAULT(INVALID_SUBRESOURCE, 400, API, "%s %s not found.")                  \
    FAULT(INVALID_VIP_ADDRESS, 400, API,                                      \
          "IP address %s is not a valid IP for the specified subnet.")        \
    FAULT(PROVIDER_NOT_ENABLED, 400, API, "Provider '%s' is not enabled.")    \
    FAULT(NO_CHILDREN, 400, API,                                              \
          "Protocol %s listeners cannot have child objects.")                 \
    FAULT(MEMBER_SRIOV_DISABLED, 400, API,                                    \
          "The load balancer flavor does not allow SR-IOV member ports.")     \
    /* Rights, and the state of what is there. */                             \
    FAULT(POLICY_FORBIDDEN, 403, API,                                         \
          "Policy does not allow this request to be performed.")              \
    FAULT(QUOTA_MET, 403, API, "Quota has been met for resources: %s")        \
    FAULT(NOT_FOUND, 404, API, "%s %s not found.")                            \
    FAULT(IMMUTABLE, 409, API, "%s %s is immutable and cannot be updated.")   \
    FAULT(INVALID_STATE, 409, API,                                            \
          "Invalid state %s of loadbalancer resource %s")                     \
    FAULT(DUPLICATE_LISTENER, 409, API,                                       \
          "Another Listener on this Load Balancer is already using protocol " \
          "%s and protocol_port %s")                                          \
    FAULT(DUPLICATE_MEMBER, 409, API,                                         \
          "Another member on this pool is already using ip %s on "            \
          "protocol_port %s")                                                 \
    FAULT(DUPLICATE_HEALTH_MONITOR, 409, API,                                 \
          "This pool already has a health monitor")                           \
    FAULT(DUPLICATE_POOL, 409, API,                                           \
          "This listener already has a default pool")                         \
    FAULT(VIP_IN_USE, 409, API, "The VIP IP address is already in use: %s")   \
    FAULT(PRECONDITION_FAILED, 412, API,                                      \
          "Precondition failed: the object's tag is not as %s demands.")      \
    /* Limits of OVN, and services that are away. */                          \
    FAULT(UNSUPPORTED_OPTION, 501, API,                                       \
          "Provider 'ovn' does not support a requested option: %s")           \
    FAULT(UNSUPPORTED_ACTION, 501, API,                                       \
          "Provider 'ovn' does not support a requested action: %s")           \
    FAULT(UNKNOWN, 500, API, "Something unknown went wrong")                  \
    FAULT(DATABASE_DOWN, 503, API, "The Octavia database is unavailable.")    \
    FAULT(NETWORK_DOWN, 503, API,                                             \
          "The OVN Northbound database is unavailable.")                      \
    FAULT(NEUTRON_DOWN, 503, API, "The Neutron service is unavailable.")      \
    FAULT(NO_VERDICT, 503, API,                                               \
          "The VIP was not set up in time.  Please try again.")

enum fault_id {
#define FAULT(NAME, CODE, SHAPE, TEXT) FAULT_##NAME,
    FAULTS
#undef FAULT
};

struct fault {
    enum fault_id id;
    enum fault_shape shape;
    int code;                   /* HTTP. */
    char *text;
};

/* Sets '*faultp' to the fault 'id', its text filled in with the strings that
 * follow.  Keeps a fault that is there: the first one is the answer.  Always
 * returns false, so that a check can end with it. */
bool fault_set(struct fault **faultp, enum fault_id, ...);

/* Sets a fault with two parameters, of which the second is an id. */
bool fault_set_id(struct fault **faultp, enum fault_id, const char *title,
                  const struct uuid *);

/* Sets a fault with one parameter, as printf() formats it. */
bool fault_set_format(struct fault **faultp, enum fault_id,
                      const char *format, ...) OVS_PRINTF_FORMAT(3, 4);

/* Sets a fault with one parameter: 'text', with 'value', unless that is NULL,
 * in the place of "%s". */
bool fault_set_value(struct fault **faultp, enum fault_id, const char *text,
                     const char *value);

/* Sets a fault with a code and a text that come from elsewhere. */
bool fault_set_text(struct fault **faultp, int code, const char *text);

/* Returns the text without the words with which the API begins it ("Provider
 * 'ovn' ..."), for callers to whose text Octavia adds these words.
 * Borrowed. */
const char *fault_detail(const struct fault *);

void fault_destroy(struct fault *);

/* Appends the JSON body. */
void fault_format(const struct fault *, struct ds *);

#endif /* base/fault.h */
