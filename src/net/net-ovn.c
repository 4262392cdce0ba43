/* SPDX-License-Identifier: Apache-2.0
 *
 * Network facts from OVN itself: a replica of the Northbound database, and the
 * topology on top of it.  For those who run OVN without OpenStack.
 */

#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "base/db-link.h"
#include "nb-idl.h"
#include "net/net-provider.h"
#include "net/reach.h"
#include "net/topology.h"
#include "ovsdb-idl.h"
#include "stream.h"
#include "util.h"
#include "uuid.h"

/* A silent server is probed after this long, and given up after as long again.
 * A busy Northbound server of a big cloud stays silent for seconds while it
 * compacts its log; facts that are 20 seconds old do no harm, since the driver
 * has the last word on each address. */
#define PROBE_INTERVAL_MS 10000

/* Pointers to all networks, subnets or ports, sorted; good for one seqno. */
struct sorted {
    const void **elems;
    size_t n;
    bool is_valid;
    unsigned int seqno;
};

struct net_ovn {
    struct net up;
    struct ovsdb_idl *idl;
    struct topology *topology;
    unsigned int seqno;
    struct db_link *link;
    bool is_ready;              /* The link, as of the last run. */

    struct sorted networks;
    struct sorted subnets;
    struct sorted ports;
    struct sorted floating_ips;
    struct sorted routers;
};

static const struct net_class net_ovn_class;

static struct net_ovn *
net_ovn_cast(const struct net *net)
{
    ovs_assert(net->class_ == &net_ovn_class);
    return CONTAINER_OF(net, struct net_ovn, up);
}

struct net *
net_ovn_create(const char *remote)
{
    struct net_ovn *no = xzalloc(sizeof *no);

    no->up.class_ = &net_ovn_class;
    no->idl = ovsdb_idl_create_unconnected(&nbrec_idl_class, false);
    no->topology = topology_create(no->idl);

    /* Any member of the cluster will do.  Facts that this process learns later
     * than the leader are checked again by the driver, which asks the leader;
     * and each API process that reads from a follower is load that the leader
     * does not have. */
    ovsdb_idl_set_leader_only(no->idl, false);
    no->link = db_link_create(no->idl, "OVN_Northbound", remote);
    if (stream_or_pstream_needs_probes(remote) > 0) {
        db_link_set_probe_interval(no->link, PROBE_INTERVAL_MS);
    }
    return &no->up;
}

static void
net_ovn_destroy(struct net *net)
{
    struct net_ovn *no = net_ovn_cast(net);

    topology_destroy(no->topology);
    ovsdb_idl_destroy(no->idl);
    db_link_destroy(no->link);
    free(no->networks.elems);
    free(no->subnets.elems);
    free(no->ports.elems);
    free(no->floating_ips.elems);
    free(no->routers.elems);
    free(no);
}

/* Follows the connection.  Returns true if this was the run that brought the
 * answer to a reconnect.
 *
 * A server that remembers what we last saw sends what changed since, and
 * tracking continues.  Any other (one that was restarted, without raft) sends
 * everything: then the IDL has dropped its replica, and with it the tracked
 * deletions.  Which of the two it was cannot be seen from outside. */
static bool
follow_connection(struct net_ovn *no)
{
    bool is_ready = db_link_is_ready(no->link);
    bool is_changed = is_ready != no->is_ready;

    no->is_ready = is_ready;
    if (is_changed) {
        no->seqno++;
    }
    return is_changed && is_ready;
}

static void
net_ovn_run(struct net *net)
{
    struct net_ovn *no = net_ovn_cast(net);
    unsigned int old_seqno = topology_seqno(no->topology);

    db_link_run(no->link);
    topology_run(no->topology, follow_connection(no));
    ovsdb_idl_track_clear(no->idl);
    if (topology_seqno(no->topology) != old_seqno) {
        no->seqno++;
    }
}

static void
net_ovn_wait(struct net *net)
{
    const struct net_ovn *no = net_ovn_cast(net);

    db_link_wait(no->link);
}

static void
net_ovn_accept_older(struct net *net)
{
    ovsdb_idl_reset_min_index(net_ovn_cast(net)->idl);
}

static bool
net_ovn_is_ready(const struct net *net)
{
    return net_ovn_cast(net)->is_ready;
}

static bool
net_ovn_is_expected(const struct net *net)
{
    return db_link_is_expected(net_ovn_cast(net)->link);
}

static unsigned int
net_ovn_seqno(const struct net *net)
{
    return net_ovn_cast(net)->seqno;
}

/* Translates the topology's structures to those of net.h. */

static void
describe_network(const struct topo_switch *sw, struct net_network *ret)
{
    struct topo_subnet *subnet;
    size_t n = ovs_list_size(&sw->subnets);

    *ret = (struct net_network) {
        .id = sw->id,
        .name = sw->display_name,
        .is_provider = sw->is_provider,
        .subnets = n ? xmalloc(n * sizeof *ret->subnets) : NULL,
    };
    LIST_FOR_EACH (subnet, in_switch, &sw->subnets) {
        ret->subnets[ret->n_subnets++] = subnet->id;
    }
}

static void
describe_subnet(const struct topo_subnet *subnet, struct net_subnet *ret)
{
    *ret = (struct net_subnet) {
        .id = subnet->id,
        .network_id = subnet->sw->id,
        .name = subnet->name,
        .cidr = subnet->cidr,
        .gateway_ip = subnet->gateway_ip,
        .is_ipv6 = subnet->is_ipv6,
        .is_provider = subnet->sw->is_provider,
    };
}

/* Says of a router's port what Neutron would, where the row does not. */
static void
net_ovn_describe_device(const struct topo_port *port, struct net_port *ret)
{
    const struct topo_link *link = topo_port_link(port);

    if (link && !*ret->device_id) {
        ret->own_device_id = xasprintf(UUID_FMT,
                                       UUID_ARGS(&link->router->id));
        ret->device_id = ret->own_device_id;
    }
    if (link && !*ret->device_owner) {
        ret->device_owner = (link->is_gateway ? "network:router_gateway"
                             : "network:router_interface");
    }
}

static void
net_ovn_describe_port(const struct topo_port *port, struct net_port *ret)
{
    size_t n = port->n_addresses;

    *ret = (struct net_port) {
        .id = port->id,
        .network_id = port->sw ? port->sw->id : UUID_ZERO,
        .name = port->display_name,
        .mac = port->mac ? port->mac : "",
        .device_id = port->device_id,
        .device_owner = port->device_owner,
        /* Every other type is something that OVN itself has at this end. */
        .is_up_for_use = (!port->type[0] || !strcmp(port->type, "virtual")),
        .addresses = n ? xcalloc(n, sizeof *ret->addresses) : NULL,
        .n_addresses = n,
    };
    net_ovn_describe_device(port, ret);
    for (size_t i = 0; i < n; i++) {
        const struct in6_addr *ip = &port->addresses[i];
        const struct topo_subnet *subnet = (
            port->sw ? topo_switch_subnet_of(port->sw, ip) : NULL);

        ret->addresses[i].ip = *ip;
        if (subnet) {
            ret->addresses[i].subnet_id = subnet->id;
        }
    }
}

/* Returns the network of a floating IP: where a subnet on the router has it,
 * else where the router has its gateway, else none. */
static struct uuid
net_ovn_find_outside(const struct topo_router *router,
                     const struct in6_addr *ip)
{
    struct uuid id = UUID_ZERO;
    const struct topo_link *link;

    LIST_FOR_EACH (link, in_router, &router->links) {
        if (topo_switch_subnet_of(link->sw, ip)) {
            return link->sw->id;
        } else if (link->is_gateway) {
            id = link->sw->id;
        }
    }
    return id;
}

static void
net_ovn_describe_floating_ip(const struct net_ovn *no,
                             const struct topo_nat *nat,
                             struct net_floating_ip *ret)
{
    const struct topo_router *router = topology_router_by_uuid(no->topology,
                                                               &nat->router);
    const struct topo_port *port = topology_nat_port(no->topology, nat);

    *ret = (struct net_floating_ip) {
        .id = nat->id,
        .ip = nat->external_ip,
        .fixed_ip = nat->logical_ip,
    };
    if (router) {
        ret->router_id = router->id;
        ret->network_id = net_ovn_find_outside(router, &nat->external_ip);
    }
    if (port) {
        ret->port_id = port->id;
    }
}

/* Returns where the router has its gateway, or NULL: of several, always the
 * same. */
static const struct topo_link *
net_ovn_find_gateway(const struct topo_router *router)
{
    const struct topo_link *gateway = NULL;
    const struct topo_link *link;

    LIST_FOR_EACH (link, in_router, &router->links) {
        if (link->is_gateway
            && (!gateway || uuid_compare_3way(&link->sw->id,
                                              &gateway->sw->id) < 0)) {
            gateway = link;
        }
    }
    return gateway;
}

static void
net_ovn_describe_router(const struct topo_router *router,
                        struct net_router *ret)
{
    const struct topo_link *gateway = net_ovn_find_gateway(router);

    *ret = (struct net_router) {
        .id = router->id,
        .name = router->display_name,
        .is_enabled = router->is_enabled,
    };
    if (!gateway) {
        return;
    }
    ret->gateway_network_id = gateway->sw->id;
    ret->gateway_addresses = xcalloc(MAX(gateway->n_networks, 1),
                                     sizeof *ret->gateway_addresses);
    for (size_t i = 0; i < gateway->n_networks; i++) {
        struct net_address *address
            = &ret->gateway_addresses[ret->n_gateway_addresses++];
        const struct topo_subnet *subnet
            = topo_switch_subnet_of(gateway->sw, &gateway->networks[i]);

        address->ip = gateway->networks[i];
        address->subnet_id = subnet ? subnet->id : UUID_ZERO;
    }
}

static enum net_answer
net_ovn_get_network(struct net *net, const struct uuid *id,
                    struct net_network *ret)
{
    const struct topo_switch *sw = topology_switch_by_id(
        net_ovn_cast(net)->topology, id);

    if (sw) {
        describe_network(sw, ret);
    }
    return sw ? NET_FOUND : NET_MISSING;
}

static enum net_answer
net_ovn_get_subnet(struct net *net, const struct uuid *id,
                   struct net_subnet *ret)
{
    const struct topo_subnet *subnet = topology_subnet_by_id(
        net_ovn_cast(net)->topology, id);

    if (subnet) {
        describe_subnet(subnet, ret);
    }
    return subnet ? NET_FOUND : NET_MISSING;
}

static enum net_answer
net_ovn_find_subnet(struct net *net, const struct uuid *networks, size_t n,
                    const struct in6_addr *ip, struct net_subnet *ret)
{
    const struct topo_switch **switches = xcalloc(n, sizeof *switches);

    for (size_t i = 0; i < n; i++) {
        switches[i] = topology_switch_by_id(net_ovn_cast(net)->topology,
                                            &networks[i]);
    }

    const struct topo_subnet *subnet = reach_find_subnet(switches, n, ip);
    if (subnet) {
        describe_subnet(subnet, ret);
    }
    free(switches);
    return subnet ? NET_FOUND : NET_MISSING;
}

static enum net_answer
net_ovn_get_port(struct net *net, const struct uuid *id, struct net_port *ret)
{
    const struct topo_port *port = topology_port_by_id(
        net_ovn_cast(net)->topology, id);

    if (port) {
        net_ovn_describe_port(port, ret);
    }
    return port ? NET_FOUND : NET_MISSING;
}

static enum net_answer
net_ovn_get_floating_ip(struct net *net, const struct uuid *id,
                        struct net_floating_ip *ret)
{
    const struct net_ovn *no = net_ovn_cast(net);
    const struct topo_nat *nat = topology_nat_by_id(no->topology, id);

    if (nat) {
        net_ovn_describe_floating_ip(no, nat, ret);
    }
    return nat ? NET_FOUND : NET_MISSING;
}

static enum net_answer
net_ovn_get_router(struct net *net, const struct uuid *id,
                   struct net_router *ret)
{
    const struct topo_router *router = topology_router_by_id(
        net_ovn_cast(net)->topology, id);

    if (router) {
        net_ovn_describe_router(router, ret);
    }
    return router ? NET_FOUND : NET_MISSING;
}

static enum net_address_state
net_ovn_check_address(struct net *net, const struct uuid *subnet_id,
                      const struct in6_addr *ip)
{
    const struct topo_subnet *subnet = topology_subnet_by_id(
        net_ovn_cast(net)->topology, subnet_id);
    bool reserved;

    if (!subnet || !topo_subnet_is_host(subnet, ip)) {
        return NET_ADDRESS_OUTSIDE;
    }

    /* Addresses in exclude_ips are not handed out, so that users may ask for
     * them. */
    return (topo_switch_user_of(subnet->sw, ip, &reserved)
            ? NET_ADDRESS_IN_USE
            : NET_ADDRESS_FREE);
}

static enum net_answer
net_ovn_subnet_n_free(struct net *net, const struct uuid *subnet_id,
                      unsigned long long int max,
                      unsigned long long int *ret_n)
{
    const struct topo_subnet *subnet = topology_subnet_by_id(
        net_ovn_cast(net)->topology, subnet_id);

    if (subnet) {
        *ret_n = topo_subnet_n_free(subnet, max);
    }
    return subnet ? NET_FOUND : NET_MISSING;
}

/* Lists. */

static int
net_ovn_compare(const char *a_name, const struct uuid *a_id,
                const char *b_name, const struct uuid *b_id)
{
    int cmp = strcmp(a_name, b_name);

    return cmp ? cmp : uuid_compare_3way(a_id, b_id);
}

static int
compare_switches(const void *a_, const void *b_)
{
    const struct topo_switch *const *a = a_;
    const struct topo_switch *const *b = b_;

    return net_ovn_compare((*a)->display_name, &(*a)->id,
                           (*b)->display_name, &(*b)->id);
}

static int
net_ovn_compare_subnets(const void *a_, const void *b_)
{
    const struct topo_subnet *const *a = a_;
    const struct topo_subnet *const *b = b_;

    return net_ovn_compare((*a)->name, &(*a)->id, (*b)->name, &(*b)->id);
}

static int
compare_ports(const void *a_, const void *b_)
{
    const struct topo_port *const *a = a_;
    const struct topo_port *const *b = b_;

    return net_ovn_compare((*a)->display_name, &(*a)->id,
                           (*b)->display_name, &(*b)->id);
}

static int
net_ovn_compare_routers(const void *a_, const void *b_)
{
    const struct topo_router *const *a = a_;
    const struct topo_router *const *b = b_;

    return net_ovn_compare((*a)->display_name, &(*a)->uuid,
                           (*b)->display_name, &(*b)->uuid);
}

static int
net_ovn_compare_nats(const void *a_, const void *b_)
{
    const struct topo_nat *const *a = a_;
    const struct topo_nat *const *b = b_;
    int cmp = memcmp(&(*a)->external_ip, &(*b)->external_ip,
                     sizeof (*a)->external_ip);

    return cmp ? cmp : uuid_compare_3way(&(*a)->uuid, &(*b)->uuid);
}

/* Makes room for 'n' elements, or returns false if those that are there are
 * still good. */
static bool
sorted_begin(struct sorted *sorted, const struct net_ovn *no, size_t n)
{
    unsigned int seqno = topology_seqno(no->topology);

    if (sorted->is_valid && sorted->seqno == seqno) {
        return false;
    }
    sorted->is_valid = true;
    sorted->seqno = seqno;
    sorted->elems = xrealloc(sorted->elems,
                             MAX(n, 1) * sizeof *sorted->elems);
    sorted->n = 0;
    return true;
}

static void
sort_networks(struct net_ovn *no)
{
    const struct hmap *switches = topology_switches(no->topology);
    struct sorted *sorted = &no->networks;
    struct topo_switch *sw;

    if (sorted_begin(sorted, no, hmap_count(switches))) {
        HMAP_FOR_EACH (sw, by_uuid, switches) {
            sorted->elems[sorted->n++] = sw;
        }
        qsort(sorted->elems, sorted->n, sizeof *sorted->elems,
              compare_switches);
    }
}

static void
sort_subnets(struct net_ovn *no)
{
    const struct hmap *switches = topology_switches(no->topology);
    struct sorted *sorted = &no->subnets;
    struct topo_switch *sw;
    size_t n = 0;

    HMAP_FOR_EACH (sw, by_uuid, switches) {
        n += ovs_list_size(&sw->subnets);
    }
    if (sorted_begin(sorted, no, n)) {
        HMAP_FOR_EACH (sw, by_uuid, switches) {
            struct topo_subnet *subnet;
            LIST_FOR_EACH (subnet, in_switch, &sw->subnets) {
                sorted->elems[sorted->n++] = subnet;
            }
        }
        qsort(sorted->elems, sorted->n, sizeof *sorted->elems,
              net_ovn_compare_subnets);
    }
}

static void
sort_ports(struct net_ovn *no)
{
    const struct hmap *ports = topology_ports(no->topology);
    struct sorted *sorted = &no->ports;
    struct topo_port *port;

    if (sorted_begin(sorted, no, hmap_count(ports))) {
        HMAP_FOR_EACH (port, by_uuid, ports) {
            sorted->elems[sorted->n++] = port;
        }
        qsort(sorted->elems, sorted->n, sizeof *sorted->elems,
              compare_ports);
    }
}

static void
sort_floating_ips(struct net_ovn *no)
{
    const struct hmap *nats = topology_nats(no->topology);
    struct sorted *sorted = &no->floating_ips;
    const struct topo_nat *nat;

    if (sorted_begin(sorted, no, hmap_count(nats))) {
        HMAP_FOR_EACH (nat, by_id, nats) {
            if (topology_nat_by_id(no->topology, &nat->id) == nat) {
                sorted->elems[sorted->n++] = nat;
            }
        }
        qsort(sorted->elems, sorted->n, sizeof *sorted->elems,
              net_ovn_compare_nats);
    }
}

/* Leaves out what topology_router_by_id() does not find. */
static void
sort_routers(struct net_ovn *no)
{
    const struct hmap *routers = topology_routers(no->topology);
    struct sorted *sorted = &no->routers;
    const struct topo_router *router;

    if (sorted_begin(sorted, no, hmap_count(routers))) {
        HMAP_FOR_EACH (router, by_uuid, routers) {
            if (topology_router_by_id(no->topology, &router->id) == router) {
                sorted->elems[sorted->n++] = router;
            }
        }
        qsort(sorted->elems, sorted->n, sizeof *sorted->elems,
              net_ovn_compare_routers);
    }
}

static void
net_ovn_for_each_network(struct net *net,
                         bool (*cb)(const struct net_network *, void *),
                         void *aux)
{
    struct net_ovn *no = net_ovn_cast(net);
    bool more = true;

    sort_networks(no);
    for (size_t i = 0; more && i < no->networks.n; i++) {
        struct net_network network;

        describe_network(no->networks.elems[i], &network);
        more = cb(&network, aux);
        net_network_uninit(&network);
    }
}

static void
net_ovn_for_each_subnet(struct net *net,
                        bool (*cb)(const struct net_subnet *, void *),
                        void *aux)
{
    struct net_ovn *no = net_ovn_cast(net);
    bool more = true;

    sort_subnets(no);
    for (size_t i = 0; more && i < no->subnets.n; i++) {
        struct net_subnet subnet;

        describe_subnet(no->subnets.elems[i], &subnet);
        more = cb(&subnet, aux);
    }
}

static void
net_ovn_for_each_port(struct net *net,
                      bool (*cb)(const struct net_port *, void *), void *aux)
{
    struct net_ovn *no = net_ovn_cast(net);
    bool more = true;

    sort_ports(no);
    for (size_t i = 0; more && i < no->ports.n; i++) {
        struct net_port port;

        net_ovn_describe_port(no->ports.elems[i], &port);
        more = cb(&port, aux);
        net_port_uninit(&port);
    }
}

static void
net_ovn_for_each_floating_ip(struct net *net,
                             bool (*cb)(const struct net_floating_ip *,
                                        void *),
                             void *aux)
{
    struct net_ovn *no = net_ovn_cast(net);
    bool more = true;

    sort_floating_ips(no);
    for (size_t i = 0; more && i < no->floating_ips.n; i++) {
        struct net_floating_ip ip;

        net_ovn_describe_floating_ip(no, no->floating_ips.elems[i], &ip);
        more = cb(&ip, aux);
    }
}

static void
net_ovn_for_each_router(struct net *net,
                        bool (*cb)(const struct net_router *, void *),
                        void *aux)
{
    struct net_ovn *no = net_ovn_cast(net);
    bool more = true;

    sort_routers(no);
    for (size_t i = 0; more && i < no->routers.n; i++) {
        struct net_router router;

        net_ovn_describe_router(no->routers.elems[i], &router);
        more = cb(&router, aux);
        net_router_uninit(&router);
    }
}

static const struct net_class net_ovn_class = {
    .destroy = net_ovn_destroy,
    .run = net_ovn_run,
    .wait = net_ovn_wait,
    .accept_older = net_ovn_accept_older,
    .is_ready = net_ovn_is_ready,
    .is_expected = net_ovn_is_expected,
    .seqno = net_ovn_seqno,
    .get_network = net_ovn_get_network,
    .get_subnet = net_ovn_get_subnet,
    .find_subnet = net_ovn_find_subnet,
    .get_port = net_ovn_get_port,
    .get_floating_ip = net_ovn_get_floating_ip,
    .get_router = net_ovn_get_router,
    .check_address = net_ovn_check_address,
    .subnet_n_free = net_ovn_subnet_n_free,
    .for_each_network = net_ovn_for_each_network,
    .for_each_subnet = net_ovn_for_each_subnet,
    .for_each_port = net_ovn_for_each_port,
    .for_each_floating_ip = net_ovn_for_each_floating_ip,
    .for_each_router = net_ovn_for_each_router,
};
