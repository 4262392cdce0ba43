/* SPDX-License-Identifier: Apache-2.0
 *
 * Attributes from bodies as tests write them.
 */

#ifndef ATTRS_FIXTURE_H
#define ATTRS_FIXTURE_H 1

#include "model/attrs.h"

#define LB RESOURCE_LOAD_BALANCER
#define LISTENER RESOURCE_LISTENER
#define POOL RESOURCE_POOL
#define MEMBER RESOURCE_MEMBER
#define MONITOR RESOURCE_HEALTH_MONITOR

#define ID "11111111-2222-3333-4444-555555555555"
#define OVN "Provider 'ovn' does not support a requested option: OVN "

/* A valid beginning of a body, so that rows say only what they are about. */
#define LISTENER_HEAD "{'listener': {'loadbalancer_id': '" ID "', " \
    "'protocol_port': 80, 'protocol': 'TCP', "
#define POOL_HEAD "{'pool': {'loadbalancer_id': '" ID "', " \
    "'lb_algorithm': 'SOURCE_IP', 'protocol': "

/* The body is JSON with ' for ".  The caller owns the result. */
struct attrs *attrs_from_text(enum resource_id, enum attrs_method,
                              const char *body, struct fault **faultp);

#endif /* attrs-fixture.h */
