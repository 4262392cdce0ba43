/* SPDX-License-Identifier: Apache-2.0
 *
 * A VIP that lacks a port or an address, and what Neutron has for it.  Pure.
 */

#ifndef DRIVER_WANTED_VIP_H
#define DRIVER_WANTED_VIP_H 1

#include <stdbool.h>
#include "openvswitch/uuid.h"

struct model_lb;
struct neutron_port;

struct wanted_vip {
    void *aux;                  /* The owner's. */
    struct uuid lb_id;
    char *project_id;
    unsigned int n;             /* 0: the first VIP, else an additional one. */
    char *name;                 /* The name of its port. */
    bool is_given;              /* The port is there: the user's, or one that
                                 * OVN does not have any more. */
    struct uuid network_id;     /* Zero: unknown. */
    struct uuid subnet_id;      /* Zero: any. */
    char *address;              /* The user's choice; NULL: any. */

    /* Results. */
    struct uuid port_id;        /* Zero while not known, unless 'is_given'. */
    char *got_address;          /* NULL while not known. */
    int conflict_code;          /* Neutron's refusal to make the port, */
    char *conflict_text;        /* if the port may be there; or NULL. */
};

/* Returns false, and does nothing, if the VIP lacks nothing.  'n' as above. */
bool wanted_vip_init(struct wanted_vip *, const struct model_lb *,
                     unsigned int n);

/* For a VIP that has had both, and whose port OVN does not have any more. */
void wanted_vip_init_lost(struct wanted_vip *, const struct model_lb *,
                          unsigned int n);
void wanted_vip_uninit(struct wanted_vip *);

bool wanted_vip_is_known(const struct wanted_vip *);

/* True if 'port' was made for the VIP: a port with the right name may still be
 * another user's. */
bool wanted_vip_is_its(const struct wanted_vip *, const struct neutron_port *);

/* Gives 'port' to the VIP.  Returns false if it has no address for it. */
bool wanted_vip_take(struct wanted_vip *, const struct neutron_port *);

/* Has the VIP need another port: the one it had is gone. */
void wanted_vip_lose_port(struct wanted_vip *);

/* Forgets which port it is, or why there cannot be one. */
void wanted_vip_forget_port(struct wanted_vip *);
void wanted_vip_set_conflict(struct wanted_vip *, int code, const char *text);

/* Stores what is known in 'lb'. */
void wanted_vip_fill(const struct wanted_vip *, struct model_lb *lb);

#endif /* driver/wanted-vip.h */
