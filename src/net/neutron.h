/* SPDX-License-Identifier: Apache-2.0
 *
 * Neutron: the session that octavia.conf describes, for those who write there
 * (the driver), and Neutron as a source of network facts (net.h), for those
 * who only ask.
 */

#ifndef NET_NEUTRON_H
#define NET_NEUTRON_H 1

#include <stdbool.h>

struct net;
struct octavia_conf;
struct service;
struct session;

/* A way to Neutron. */
struct neutron {
    struct session *session;    /* Owned. */
    struct service *service;    /* Owned; "/v2.0/..." are its paths. */
};

/* Reads [neutron], and what is missing there from [service_auth], by the
 * options that the Python provider reads (endpoint_override or endpoint,
 * valid_interfaces or endpoint_type, region_name, cafile or
 * ca_certificates_file, insecure).  Returns NULL and sets '*errorp', naming
 * section and option, if that is not enough to log in. */
struct neutron *neutron_create(const struct octavia_conf *, char **errorp);
void neutron_destroy(struct neutron *);
void neutron_run(struct neutron *);
void neutron_wait(struct neutron *);

/* Network facts from Neutron, as the user of 'neutron' sees them; it must
 * outlive the result, and service_run() be called, too.  Answers are kept for
 * a short while (see limits.h), so that asking again after NET_WAIT finds
 * them.  Always ready: a Neutron that is away is an answer that does not
 * come. */
struct net *net_neutron_create(struct service *neutron);

/* Look-ups say NET_WAIT while Neutron is being asked.  If it does not answer,
 * net_seqno() changes, they say NET_WAIT still, and this is why; a little
 * later they begin to ask again.  It is about the last look-up that said
 * NET_WAIT; NULL: Neutron is being asked. */
const char *net_neutron_trouble(const struct net *);

#endif /* net/neutron.h */
