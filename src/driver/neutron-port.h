/* SPDX-License-Identifier: Apache-2.0
 *
 * A port of Neutron as plain data: requests for one, and answers.  Pure.
 */

#ifndef DRIVER_NEUTRON_PORT_H
#define DRIVER_NEUTRON_PORT_H 1

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/uuid.h"

struct json;
struct service_reply;

struct neutron_address {
    struct uuid subnet_id;
    char *ip;                   /* As Neutron writes it. */
};

struct neutron_port {
    struct uuid id;
    struct uuid network_id;
    char *name;                 /* None of these is NULL. */
    char *project_id;
    char *device_id;
    char *device_owner;
    struct neutron_address *addresses;
    size_t n_addresses;
};

struct neutron_ports {
    struct neutron_port *array;
    size_t n;
};

/* Reads what Neutron answers about a port, {"port": ...}, or about several,
 * {"ports": [...]}.  Returns false, with '*ret' empty, if it is neither. */
bool neutron_ports_parse(const struct json *, struct neutron_ports *ret);
void neutron_ports_uninit(struct neutron_ports *);

/* True if a port with the name of one of load balancer 'lb_id' was made for
 * it.  A tenant may give his port any name, and any device that is not
 * Neutron's own, but not the load balancer's project, in which it is made.
 * Within the project, a port that something else uses is not its. */
bool neutron_port_is_of_lb(const struct neutron_port *,
                           const struct uuid *lb_id, const char *project_id);

/* A port to be made. */
struct neutron_port_spec {
    const char *name;
    const char *device_id;
    const char *device_owner;   /* NULL: none. */
    const char *project_id;     /* NULL or "": the driver's. */
    struct uuid network_id;
    struct uuid subnet_id;      /* Zero: Neutron chooses. */
    const char *address;        /* NULL: Neutron chooses. */
    bool is_unguarded;          /* Without port security. */
};

/* Returns the body of the request for it.  The caller destroys it. */
struct json *neutron_port_body(const struct neutron_port_spec *);

/* Return the path that lists all ports with one of the names, which need no
 * escaping, or that of one port.  The caller frees it. */
char *neutron_port_query(const char *const *names, size_t n);
char *neutron_port_path(const struct uuid *id);

/* The meaning of an answer. */
enum neutron_verdict {
    NEUTRON_OK,                 /* Done, or gone already. */
    NEUTRON_REFUSED,            /* No, and asking again will not help. */
    NEUTRON_TROUBLE             /* May pass: ask again later.  The request may
                                 * have been carried out or not. */
};

/* 'method' is the call's; 'is_understood' is true if the body of the answer
 * could be read. */
enum neutron_verdict neutron_judge(const char *method, int status,
                                   bool is_understood);

#endif /* driver/neutron-port.h */
