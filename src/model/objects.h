/* SPDX-License-Identifier: Apache-2.0
 *
 * A load balancer with everything below it, as plain data: what the driver's
 * pure functions (desired, attach, roll-up) take.  store/tree-load.c makes one
 * from the database; tests make them by hand.  Nothing here does I/O.
 */

#ifndef MODEL_OBJECTS_H
#define MODEL_OBJECTS_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "model/status.h"
#include "openvswitch/uuid.h"

/* Layer 4 protocols that OVN load balances.  Each has a Load_Balancer row. */
enum l4_protocol {
    L4_TCP,
    L4_UDP,
    L4_SCTP,
    N_L4_PROTOCOLS
};

/* The part that all objects have. */
struct model_base {
    struct uuid id;
    bool admin_state_up;
    enum provisioning_status provisioning_status;
    enum operating_status operating_status;
    bool deleting;              /* To be deleted, though its state may say
                                 * ERROR: the deletion took too long. */
};

/* The result of probing a member. */
enum member_health {
    HEALTH_NO_MONITOR,          /* It is not probed. */
    HEALTH_UNKNOWN,             /* There is no result yet. */
    HEALTH_ONLINE,
    HEALTH_ERROR,               /* It does not answer, or it cannot be probed:
                                 * OVN has no port with its address.  OVN sends
                                 * it nothing. */
    HEALTH_CUT_OFF,             /* Its port is disabled or on no chassis, which
                                 * probes did not find out: OVN would go on to
                                 * send it traffic. */
};

/* True if the member is known not to serve clients. */
bool member_health_is_bad(enum member_health);

struct model_member {
    struct model_base base;
    char *address;              /* Canonical, as OVN looks it up. */
    char *typed_address;        /* As the user wrote it.  NULL: the same. */
    struct in6_addr ip;         /* 'address'; unset ("::") if that is none. */
    uint16_t protocol_port;
    int weight;
    bool backup;
    struct uuid subnet_id;      /* The VIP's when the user gave none, or what
                                 * ovn/want/member-home.h finds. */
    bool is_unplaced;           /* The user gave none. */
    bool has_subnet;            /* False: the member's subnet is unknown. */

    /* Not in OVN_Octavia: the driver finds it in OVN. */
    enum member_health health;
};

/* The ways in which OVN can probe: name, Octavia's word, and the protocol of
 * the pools it is for (NULL: any).  To add one, add a row, and what it looks
 * like in OVN (ovn/want/probes.c, and back in ovn/adopt).  The first row has a
 * macro of its own so that lists of words can be made. */
#define MONITOR_TYPES(FIRST, NEXT)              \
    FIRST(UDP_CONNECT, "UDP-CONNECT", NULL)     \
    NEXT(TCP, "TCP", "TCP")

enum monitor_type {
#define MONITOR_TYPE(NAME, WORD, POOLS) MONITOR_##NAME,
    MONITOR_TYPES(MONITOR_TYPE, MONITOR_TYPE)
#undef MONITOR_TYPE
    N_MONITOR_TYPES
};

/* Their words, as a list, for texts. */
#define MONITOR_FIRST_WORD(NAME, WORD, POOLS) WORD
#define MONITOR_NEXT_WORD(NAME, WORD, POOLS) ", " WORD
#define MONITOR_TYPES_TEXT MONITOR_TYPES(MONITOR_FIRST_WORD, MONITOR_NEXT_WORD)

struct model_monitor {
    struct model_base base;
    enum monitor_type type;
    int delay;                  /* Seconds between probes. */
    int timeout;                /* Seconds until a probe has failed. */
    int max_retries;            /* Successes until ONLINE. */
    int max_retries_down;       /* Failures until ERROR. */
    bool is_unserved;           /* Some of its members cannot be probed. */
};

struct model_pool {
    struct model_base base;
    enum l4_protocol protocol;
    bool is_source_ip;          /* SOURCE_IP, else SOURCE_IP_PORT. */
    bool has_persistence;
    char *persistence_timeout;  /* Seconds, NULL if not given. */
    struct model_member *members;   /* In order of creation. */
    size_t n_members;
    struct model_monitor *monitor;  /* NULL: none. */
};

struct model_listener {
    struct model_base base;
    enum l4_protocol protocol;
    uint16_t protocol_port;
    struct uuid default_pool_id;    /* Zero: none. */
    char **allowed_cidrs;           /* Prefixes of clients, canonical, sorted.
                                     * None: everybody. */
    size_t n_allowed_cidrs;
};

/* An address at which a load balancer is reached. */
struct model_vip {
    struct uuid row;            /* Row of Additional_VIP; zero for the
                                 * first. */
    char *address;              /* Canonical.  NULL until one is allocated. */
    struct in6_addr ip;         /* 'address'; unset ("::") if that is none. */
    struct uuid port_id;        /* Zero until known. */
    struct uuid subnet_id;      /* Zero: unknown. */
    struct uuid network_id;     /* Zero: unknown. */
};

struct model_lb {
    struct model_base base;
    char *name;
    char *project_id;
    int64_t changed_at_us;      /* When a request or a status last changed
                                 * it. */
    struct model_vip *vips;     /* The first one, and the additional ones in
                                 * the order in which the user gave them. */
    size_t n_vips;              /* At least 1. */
    struct uuid last_request;
    int64_t fault_code;         /* 0: none. */
    char *fault_text;
    struct model_listener *listeners;   /* In order of creation. */
    size_t n_listeners;
    struct model_pool *pools;           /* In order of creation. */
    size_t n_pools;
};

/* Returns a load balancer with one VIP, of which nothing is known.  The caller
 * must call model_lb_destroy(). */
struct model_lb *model_lb_create(void);
void model_lb_destroy(struct model_lb *);

/* Adds a VIP of which nothing is known.  Borrowed from the load balancer until
 * the next one is added. */
struct model_vip *model_lb_add_vip(struct model_lb *);

/* Gives the VIP an address: 'text', which may be NULL, or 'ip'. */
void model_vip_set_address(struct model_vip *, const char *text);
void model_vip_set_ip(struct model_vip *, const struct in6_addr *ip);

/* True if the VIP, which has an address, is IPv6. */
bool model_vip_is_ipv6(const struct model_vip *);

/* Gives 'member' the address 'text', as the user wrote it. */
void model_member_set_address(struct model_member *, const char *text);

bool model_member_is_ipv6(const struct model_member *);

/* Returns the address as the user wrote it.  Borrowed from 'member'. */
const char *model_member_typed_address(const struct model_member *);

/* True unless the object is being deleted: then OVN must not have it. */
bool model_base_is_wanted(const struct model_base *);

/* Returns the pool of 'lb' with the given id, or NULL.  Borrowed from 'lb'. */
const struct model_pool *model_lb_pool(const struct model_lb *,
                                       const struct uuid *id);

/* Returns the monitor of 'pool' if it has one that is wanted and switched on,
 * so that members are probed; else NULL. */
const struct model_monitor *model_pool_active_monitor(
    const struct model_pool *);

/* Returns the word for 'protocol' in the NB's column, and Octavia's, which is
 * the same for listeners and pools. */
const char *l4_protocol_to_ovn(enum l4_protocol);
const char *l4_protocol_to_octavia(enum l4_protocol);

/* False if 'word' (Octavia's) is not one that OVN can balance. */
bool l4_protocol_from_octavia(const char *word,
                              enum l4_protocol *ret_protocol);

/* Octavia's words, and NULL. */
extern const char *const monitor_type_words[N_MONITOR_TYPES + 1];

/* Octavia's word for 'type', and back: false if OVN cannot probe that way. */
const char *monitor_type_to_octavia(enum monitor_type);
bool monitor_type_from_octavia(const char *word, enum monitor_type *ret_type);

/* True if OVN can probe members of pools of 'protocol' (Octavia's) so. */
bool monitor_type_is_for(enum monitor_type, const char *protocol);

#endif /* model/objects.h */
