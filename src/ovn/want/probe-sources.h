/* SPDX-License-Identifier: Apache-2.0
 *
 * The addresses from which members are probed: one in each subnet, shared by
 * all load balancers that have members to probe there, and held by a port.
 */

#ifndef OVN_WANT_PROBE_SOURCES_H
#define OVN_WANT_PROBE_SOURCES_H 1

#include <stdbool.h>

struct in6_addr;
struct probe_source;
struct sources;
struct topo_port;
struct topology;
struct uuid;

struct sources *sources_create(void);
void sources_destroy(struct sources *);

/* Stores in '*ret' from where to probe in the subnet.  If there is no port for
 * it, chooses an address for which 'is_taken(subnet_id, ip, aux)' is false,
 * and stays with it until the port is there.  Returns false if there is no
 * such subnet or address. */
bool sources_find(struct sources *, const struct topology *,
                  const struct uuid *subnet_id,
                  bool (*is_taken)(const struct uuid *subnet_id,
                                   const struct in6_addr *ip, void *aux),
                  void *aux, struct probe_source *ret);

/* Returns how far 'port', whose address in the subnet is 'ip', is trusted: 0
 * is not at all; the port with the highest number is taken. */
typedef int sources_trust(const struct topo_port *, const struct in6_addr *ip,
                          void *aux);

/* The same where addresses come with Neutron's ports: returns false if there
 * is no port yet.  A tenant may give his port any name, and say of it that it
 * is for this or that device.  So name, device and address must be right, and
 * besides 'trust' decides (NULL: trusts all of those). */
bool sources_find_port(const struct topology *, const struct uuid *subnet_id,
                       sources_trust *trust, void *aux,
                       struct probe_source *ret);

/* True if a port of Neutron's says by name, owner and device that members in
 * the subnet are probed from it. */
bool sources_port_is_for(const struct topo_port *,
                         const struct uuid *subnet_id);

/* True if 'ip' was chosen and is not yet held by a port. */
bool sources_has_claimed(const struct sources *, const struct uuid *subnet_id,
                         const struct in6_addr *ip);

#endif /* ovn/want/probe-sources.h */
