/* SPDX-License-Identifier: Apache-2.0
 *
 * The interface that a source of network facts implements: net.h, one function
 * for each of its functions, with the same meaning.  Only the sources and
 * net.c include this.
 */

#ifndef NET_NET_PROVIDER_H
#define NET_NET_PROVIDER_H 1

#include "net/net.h"

struct net_class {
    void (*destroy)(struct net *);
    void (*run)(struct net *);
    void (*wait)(struct net *);
    void (*accept_older)(struct net *);
    bool (*is_ready)(const struct net *);
    bool (*is_expected)(const struct net *);
    unsigned int (*seqno)(const struct net *);

    /* Only called while is_ready() is true. */
    enum net_answer (*get_network)(struct net *, const struct uuid *id,
                                   struct net_network *ret);
    enum net_answer (*get_subnet)(struct net *, const struct uuid *id,
                                  struct net_subnet *ret);
    enum net_answer (*find_subnet)(struct net *, const struct uuid *networks,
                                   size_t n, const struct in6_addr *ip,
                                   struct net_subnet *ret);
    enum net_answer (*get_port)(struct net *, const struct uuid *id,
                                struct net_port *ret);

    /* NULL, of both, if this source knows of none. */
    enum net_answer (*get_floating_ip)(struct net *, const struct uuid *id,
                                       struct net_floating_ip *ret);
    enum net_answer (*get_router)(struct net *, const struct uuid *id,
                                  struct net_router *ret);
    enum net_address_state (*check_address)(struct net *,
                                            const struct uuid *subnet_id,
                                            const struct in6_addr *ip);
    enum net_answer (*subnet_n_free)(struct net *,
                                     const struct uuid *subnet_id,
                                     unsigned long long int max,
                                     unsigned long long int *ret_n);

    /* NULL if this source's facts are not to be listed. */
    void (*for_each_network)(struct net *,
                             bool (*cb)(const struct net_network *, void *),
                             void *aux);
    void (*for_each_subnet)(struct net *,
                            bool (*cb)(const struct net_subnet *, void *),
                            void *aux);
    void (*for_each_port)(struct net *,
                          bool (*cb)(const struct net_port *, void *),
                          void *aux);
    void (*for_each_floating_ip)(struct net *,
                                 bool (*cb)(const struct net_floating_ip *,
                                            void *),
                                 void *aux);
    void (*for_each_router)(struct net *,
                            bool (*cb)(const struct net_router *, void *),
                            void *aux);
};

/* The first member of every source's own structure. */
struct net {
    const struct net_class *class_;
};

#endif /* net/net-provider.h */
