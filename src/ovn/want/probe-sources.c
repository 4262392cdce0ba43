/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds or chooses the addresses to probe from; see probe-sources.h.
 */

#include <config.h>
#include "ovn/want/probe-sources.h"
#include <stdlib.h>
#include <string.h>
#include "net/topology.h"
#include "ovn/rows/rows.h"
#include "ovn/want/probes.h"
#include "packets.h"
#include "util.h"
#include "uuid.h"

/* An address that was chosen, and whose port is not there yet. */
struct claim {
    struct hmap_node node;      /* In sources' 'claims', by 'subnet_id'. */
    struct uuid subnet_id;
    struct in6_addr ip;
};

struct sources {
    struct hmap claims;
};

struct sources *
sources_create(void)
{
    struct sources *sources = xmalloc(sizeof *sources);

    hmap_init(&sources->claims);
    return sources;
}

void
sources_destroy(struct sources *sources)
{
    if (sources) {
        struct claim *claim;
        HMAP_FOR_EACH_POP (claim, node, &sources->claims) {
            free(claim);
        }
        hmap_destroy(&sources->claims);
        free(sources);
    }
}

static struct claim *
sources_find_claim(const struct sources *sources, const struct uuid *subnet_id)
{
    struct claim *claim;
    HMAP_FOR_EACH_WITH_HASH (claim, node, uuid_hash(subnet_id),
                             &sources->claims) {
        if (uuid_equals(&claim->subnet_id, subnet_id)) {
            return claim;
        }
    }
    return NULL;
}

static void
sources_release(struct sources *sources, const struct uuid *subnet_id)
{
    struct claim *claim = sources_find_claim(sources, subnet_id);

    if (claim) {
        hmap_remove(&sources->claims, &claim->node);
        free(claim);
    }
}

bool
sources_has_claimed(const struct sources *sources,
                    const struct uuid *subnet_id, const struct in6_addr *ip)
{
    const struct claim *claim = sources_find_claim(sources, subnet_id);

    return claim && ipv6_addr_equals(&claim->ip, ip);
}

/* Ports. */

static bool
port_has_source(const struct topo_port *port, const struct topo_subnet *subnet,
                struct probe_source *ret)
{
    for (size_t i = 0; port->sw == subnet->sw && i < port->n_addresses; i++) {
        if (topo_subnet_contains(subnet, &port->addresses[i])) {
            ret->ip = port->addresses[i];
            return true;
        }
    }
    return false;
}

/* "network:distributed" is the owner in ports of older Python providers.  No
 * tenant may claim to be of the network itself. */
#define SOURCE_PORT_OLD_OWNER "network:distributed"

static bool
is_named_so(const struct topo_port *port, const char *name)
{
    return (!strcmp(port->display_name, name)
            && (!strcmp(port->device_owner, SOURCE_PORT_OLD_OWNER)
                || (!strcmp(port->device_owner, SOURCE_PORT_OWNER)
                    && !strcmp(port->device_id, name))));
}

bool
sources_port_is_for(const struct topo_port *port,
                    const struct uuid *subnet_id)
{
    char *name = source_port_name(subnet_id);
    bool is_for = is_named_so(port, name);

    free(name);
    return is_for;
}

/* Finds a port of Neutron's, which are named by their UUIDs. */
static bool
sources_find_neutrons(const struct topo_subnet *subnet, const char *name,
                      sources_trust *trust, void *aux,
                      struct probe_source *ret)
{
    const struct topo_port *port;
    int best = 0;

    LIST_FOR_EACH (port, in_switch, &subnet->sw->ports) {
        struct probe_source found = *ret;

        if (is_named_so(port, name)
            && port_has_source(port, subnet, &found)) {
            int rank = trust ? trust(port, &found.ip, aux) : 1;

            if (rank > best) {
                best = rank;
                *ret = found;
                ret->is_ours = !strcmp(port->name, name);
            }
        }
    }
    return best > 0;
}

/* Finds the port by the id by which members know the subnet, which may be an
 * older one of it.  A port that has the name in OVN itself was made in OVN,
 * which no tenant can do. */
static bool
sources_find_any_port(const struct topology *topology,
                      const struct topo_subnet *subnet,
                      sources_trust *trust, void *aux,
                      struct probe_source *ret)
{
    char *name = source_port_name(&ret->subnet_id);
    const struct topo_port *port = topology_port_by_name(topology, name);
    bool found;

    if (port) {
        found = port_has_source(port, subnet, ret);
        ret->is_ours = true;
    } else {
        found = sources_find_neutrons(subnet, name, trust, aux, ret);
    }
    free(name);
    return found;
}

bool
sources_find_port(const struct topology *topology,
                  const struct uuid *subnet_id, sources_trust *trust,
                  void *aux, struct probe_source *ret)
{
    const struct topo_subnet *subnet = topology_subnet_by_id(topology,
                                                             subnet_id);

    ret->subnet_id = *subnet_id;
    return subnet && sources_find_any_port(topology, subnet, trust, aux, ret);
}

/* Choosing. */

struct source_pick_aux {
    const struct uuid *subnet_id;
    bool (*is_taken)(const struct uuid *, const struct in6_addr *, void *);
    void *aux;
};

static bool
sources_pick_is_taken(const struct in6_addr *ip, void *aux_)
{
    const struct source_pick_aux *aux = aux_;

    return aux->is_taken(aux->subnet_id, ip, aux->aux);
}

static bool
is_free(const struct topo_subnet *subnet, const struct in6_addr *ip)
{
    bool is_reserved;

    return (topo_subnet_is_host(subnet, ip)
            && !topo_switch_user_of(subnet->sw, ip, &is_reserved)
            && !is_reserved);
}

/* Keeps an earlier choice while its address is free, so that repeated attempts
 * make the same port. */
static bool
sources_choose(struct sources *sources, struct topo_subnet *subnet,
               struct source_pick_aux *aux, struct in6_addr *ret_ip)
{
    const struct uuid *subnet_id = aux->subnet_id;
    const struct claim *old = sources_find_claim(sources, subnet_id);

    if (old && is_free(subnet, &old->ip)) {
        *ret_ip = old->ip;
        return true;
    }
    sources_release(sources, subnet_id);
    if (!topo_subnet_pick(subnet, sources_pick_is_taken, aux, ret_ip)) {
        return false;
    }

    struct claim *claim = xmalloc(sizeof *claim);
    claim->subnet_id = *subnet_id;
    claim->ip = *ret_ip;
    hmap_insert(&sources->claims, &claim->node, uuid_hash(subnet_id));
    return true;
}

bool
sources_find(struct sources *sources, const struct topology *topology,
             const struct uuid *subnet_id,
             bool (*is_taken)(const struct uuid *, const struct in6_addr *,
                              void *),
             void *aux, struct probe_source *ret)
{
    struct topo_subnet *subnet = topology_subnet_by_id(topology, subnet_id);
    struct source_pick_aux pick_aux = { subnet_id, is_taken, aux };

    if (!subnet) {
        return false;
    }
    if (sources_find_port(topology, subnet_id, NULL, NULL, ret)) {
        sources_release(sources, subnet_id);
        return true;
    }
    ret->is_ours = true;
    return sources_choose(sources, subnet, &pick_aux, &ret->ip);
}
