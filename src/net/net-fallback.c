/* SPDX-License-Identifier: Apache-2.0
 *
 * Two sources of network facts as one: OVN, and Neutron for what OVN does not
 * show.  A subnet of Neutron's is in OVN only while a port or a router uses
 * it, and users make load balancers in new networks.  Lists, routers and
 * floating IPs are OVN's: what is not there carries no traffic.
 */

#include <config.h>
#include <stdlib.h>
#include "net/net-provider.h"
#include "util.h"

struct net_fallback {
    struct net up;
    struct net *first;
    struct net *second;
};

static const struct net_class net_fallback_class;

static struct net_fallback *
net_fallback_cast(const struct net *net)
{
    ovs_assert(net->class_ == &net_fallback_class);
    return CONTAINER_OF(net, struct net_fallback, up);
}

struct net *
net_fallback_create(struct net *first, struct net *second)
{
    struct net_fallback *nf = xmalloc(sizeof *nf);

    nf->up.class_ = &net_fallback_class;
    nf->first = first;
    nf->second = second;
    return &nf->up;
}

static void
net_fallback_destroy(struct net *net)
{
    struct net_fallback *nf = net_fallback_cast(net);

    net_destroy(nf->first);
    net_destroy(nf->second);
    free(nf);
}

static void
net_fallback_run(struct net *net)
{
    struct net_fallback *nf = net_fallback_cast(net);

    net_run(nf->first);
    net_run(nf->second);
}

static void
net_fallback_wait(struct net *net)
{
    struct net_fallback *nf = net_fallback_cast(net);

    net_wait(nf->first);
    net_wait(nf->second);
}

static void
net_fallback_accept_older(struct net *net)
{
    struct net_fallback *nf = net_fallback_cast(net);

    net_accept_older(nf->first);
    net_accept_older(nf->second);
}

static bool
net_fallback_is_ready(const struct net *net)
{
    return net_is_ready(net_fallback_cast(net)->first);
}

static bool
net_fallback_is_expected(const struct net *net)
{
    return net_is_expected(net_fallback_cast(net)->first);
}

/* Both only count up. */
static unsigned int
net_fallback_seqno(const struct net *net)
{
    const struct net_fallback *nf = net_fallback_cast(net);

    return net_seqno(nf->first) + net_seqno(nf->second);
}

/* A network without a port has no subnet that OVN shows. */
static enum net_answer
net_fallback_get_network(struct net *net, const struct uuid *id,
                         struct net_network *ret)
{
    struct net_fallback *nf = net_fallback_cast(net);
    enum net_answer answer = net_get_network(nf->first, id, ret);

    if (answer == NET_FOUND && !ret->n_subnets) {
        net_network_uninit(ret);
        answer = NET_MISSING;
    }
    return (answer == NET_MISSING
            ? net_get_network(nf->second, id, ret)
            : answer);
}

static enum net_answer
net_fallback_get_subnet(struct net *net, const struct uuid *id,
                        struct net_subnet *ret)
{
    struct net_fallback *nf = net_fallback_cast(net);
    enum net_answer answer = net_get_subnet(nf->first, id, ret);

    return (answer == NET_MISSING
            ? net_get_subnet(nf->second, id, ret)
            : answer);
}

static enum net_answer
net_fallback_find_subnet(struct net *net, const struct uuid *networks,
                         size_t n, const struct in6_addr *ip,
                         struct net_subnet *ret)
{
    struct net_fallback *nf = net_fallback_cast(net);
    enum net_answer answer = net_find_subnet(nf->first, networks, n, ip, ret);

    return (answer == NET_MISSING
            ? net_find_subnet(nf->second, networks, n, ip, ret)
            : answer);
}

static enum net_answer
net_fallback_get_port(struct net *net, const struct uuid *id,
                      struct net_port *ret)
{
    struct net_fallback *nf = net_fallback_cast(net);
    enum net_answer answer = net_get_port(nf->first, id, ret);

    return (answer == NET_MISSING
            ? net_get_port(nf->second, id, ret)
            : answer);
}

static enum net_answer
net_fallback_get_floating_ip(struct net *net, const struct uuid *id,
                             struct net_floating_ip *ret)
{
    return net_get_floating_ip(net_fallback_cast(net)->first, id, ret);
}

static enum net_answer
net_fallback_get_router(struct net *net, const struct uuid *id,
                        struct net_router *ret)
{
    return net_get_router(net_fallback_cast(net)->first, id, ret);
}

/* Returns the source that knows the subnet. */
static struct net *
net_fallback_choose(struct net *net, const struct uuid *subnet_id)
{
    struct net_fallback *nf = net_fallback_cast(net);
    struct net_subnet subnet;

    return (net_get_subnet(nf->first, subnet_id, &subnet) == NET_MISSING
            ? nf->second
            : nf->first);
}

static enum net_address_state
net_fallback_check_address(struct net *net, const struct uuid *subnet_id,
                           const struct in6_addr *ip)
{
    return net_check_address(net_fallback_choose(net, subnet_id), subnet_id,
                             ip);
}

static enum net_answer
net_fallback_subnet_n_free(struct net *net, const struct uuid *subnet_id,
                           unsigned long long int max,
                           unsigned long long int *ret_n)
{
    return net_subnet_n_free(net_fallback_choose(net, subnet_id), subnet_id,
                             max, ret_n);
}

static void
net_fallback_for_each_network(struct net *net,
                              bool (*cb)(const struct net_network *, void *),
                              void *aux)
{
    net_for_each_network(net_fallback_cast(net)->first, cb, aux);
}

static void
net_fallback_for_each_subnet(struct net *net,
                             bool (*cb)(const struct net_subnet *, void *),
                             void *aux)
{
    net_for_each_subnet(net_fallback_cast(net)->first, cb, aux);
}

static void
net_fallback_for_each_port(struct net *net,
                           bool (*cb)(const struct net_port *, void *),
                           void *aux)
{
    net_for_each_port(net_fallback_cast(net)->first, cb, aux);
}

static void
net_fallback_for_each_floating_ip(struct net *net,
                                  bool (*cb)(const struct net_floating_ip *,
                                             void *),
                                  void *aux)
{
    net_for_each_floating_ip(net_fallback_cast(net)->first, cb, aux);
}

static void
net_fallback_for_each_router(struct net *net,
                             bool (*cb)(const struct net_router *, void *),
                             void *aux)
{
    net_for_each_router(net_fallback_cast(net)->first, cb, aux);
}

static const struct net_class net_fallback_class = {
    .destroy = net_fallback_destroy,
    .run = net_fallback_run,
    .wait = net_fallback_wait,
    .accept_older = net_fallback_accept_older,
    .is_ready = net_fallback_is_ready,
    .is_expected = net_fallback_is_expected,
    .seqno = net_fallback_seqno,
    .get_network = net_fallback_get_network,
    .get_subnet = net_fallback_get_subnet,
    .find_subnet = net_fallback_find_subnet,
    .get_port = net_fallback_get_port,
    .get_floating_ip = net_fallback_get_floating_ip,
    .get_router = net_fallback_get_router,
    .check_address = net_fallback_check_address,
    .subnet_n_free = net_fallback_subnet_n_free,
    .for_each_network = net_fallback_for_each_network,
    .for_each_subnet = net_fallback_for_each_subnet,
    .for_each_port = net_fallback_for_each_port,
    .for_each_floating_ip = net_fallback_for_each_floating_ip,
    .for_each_router = net_fallback_for_each_router,
};
