/* SPDX-License-Identifier: Apache-2.0
 *
 * A network that changes at random, for tests: switches N1 to N5, each with an
 * IPv4 and an IPv6 subnet and members' ports ".11" to ".13", routers R1 to R3
 * that are linked to them or not, and floating IPs.
 */

#ifndef RANDOM_NETWORK_H
#define RANDOM_NETWORK_H 1

#include "topology-fixture.h"

#define RANDOM_NETWORK_N_SWITCHES 5
#define RANDOM_NETWORK_N_ROUTERS 3
#define RANDOM_NETWORK_N_NATS 4

struct vips_model_float;

enum random_link {              /* Of a router and a switch. */
    NOT_LINKED,
    LINKED_IPV4,
    LINKED_IPV6,
    LINKED,
    LINKED_AS_GATEWAY,
    N_LINKS
};

struct random_network {
    struct topology_fixture tf;
    enum random_link links[RANDOM_NETWORK_N_ROUTERS]
                          [RANDOM_NETWORK_N_SWITCHES];
    unsigned int nat_vips[RANDOM_NETWORK_N_NATS];   /* For 10.0.NUMBER.1; 0:
                                                     * none. */
};

void random_network_init(struct random_network *);
void random_network_uninit(struct random_network *);

/* One to four changes.  See topology_fixture_apply(). */
void random_network_change(struct random_network *);

/* Fills in the floating IPs that load balancers can have, with their texts.
 * Returns their number. */
size_t random_network_floats(const struct random_network *,
                             struct vips_model_float *floats,
                             char texts[][2][32]);

#endif /* random-network.h */
