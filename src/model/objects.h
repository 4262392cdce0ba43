/* SPDX-License-Identifier: Apache-2.0
 *
 * A load balancer with everything below it, as plain data: what the driver's
 * pure functions (desired, attach, roll-up) take.  store/tree.c makes one from
 * the database; tests make them by hand.  Nothing here does I/O.
 */

#ifndef MODEL_OBJECTS_H
#define MODEL_OBJECTS_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "model/status.h"
#include "openvswitch/uuid.h"

/* Layer 4 protocols that OVN load balances. One Load_Balancer row each. */
enum l4_protocol {
    L4_TCP,
    L4_UDP,
    L4_SCTP,
    N_L4_PROTOCOLS
};

/* What all objects have. */
struct model_base {
    struct uuid id;
    bool admin_state_up;
    enum provisioning_status provisioning_status;
    enum operating_status operating_status;
};

struct model_member {
    struct model_base base;
    char *address;              /* As the user typed it. */
    uint16_t protocol_port;
    int weight;
    bool backup;
    struct uuid subnet_id;      /* The VIP's when the user gave none. */
    bool has_subnet;            /* False: nobody knows the member's subnet. */
};

struct model_pool {
    struct model_base base;
    enum l4_protocol protocol;
    bool is_source_ip;          /* SOURCE_IP, else SOURCE_IP_PORT. */
    bool has_persistence;
    char *persistence_timeout;  /* Seconds, NULL if not given. */
    struct model_member *members;   /* In order of creation. */
    size_t n_members;
};

struct model_listener {
    struct model_base base;
    enum l4_protocol protocol;
    uint16_t protocol_port;
    struct uuid default_pool_id;    /* Zero: none. */
};

struct model_lb {
    struct model_base base;
    char *name;
    char *project_id;
    char *vip_address;          /* NULL until one is allocated. */
    struct uuid vip_port_id;    /* Zero until known. */
    struct uuid vip_subnet_id;  /* Zero: unknown. */
    struct uuid vip_network_id; /* Zero: unknown. */
    struct uuid last_request;
    int64_t fault_code;         /* 0: none. */
    char *fault_text;
    struct model_listener *listeners;   /* In order of creation. */
    size_t n_listeners;
    struct model_pool *pools;           /* In order of creation. */
    size_t n_pools;
};

void model_lb_destroy(struct model_lb *);

/* False for what is on its way out: OVN must not have it any more. */
bool model_base_is_wanted(const struct model_base *);

/* The pool of 'lb' with the given id, or NULL.  Borrowed from 'lb'. */
const struct model_pool *model_lb_pool(const struct model_lb *,
                                       const struct uuid *id);

/* The NB column's word for 'protocol'. */
const char *l4_protocol_to_ovn(enum l4_protocol);

/* False if 'word' (Octavia's) is not one that OVN can balance. */
bool l4_protocol_from_octavia(const char *word,
                              enum l4_protocol *ret_protocol);

#endif /* model/objects.h */
