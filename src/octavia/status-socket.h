/* SPDX-License-Identifier: Apache-2.0
 *
 * Reports to Octavia: the states of objects, through its driver-agent's status
 * socket.
 *
 * Octavia applies a report record by record: members, health monitors, pools,
 * listeners, load balancers.  At the first that it refuses it stops; what came
 * before stays applied.
 */

#ifndef OCTAVIA_STATUS_SOCKET_H
#define OCTAVIA_STATUS_SOCKET_H 1

#include <stdbool.h>
#include <stddef.h>
#include "model/fields.h"
#include "openvswitch/uuid.h"

struct exchange;
struct exchanger;
struct json;
struct octavia_conf;

struct status_record {
    enum resource_id resource;
    struct uuid id;
    const char *provisioning_status;    /* NULL: leave it. */
    const char *operating_status;       /* NULL: leave it. */
};

enum status_result {
    STATUS_TAKEN,               /* All of it. */
    STATUS_REFUSED,             /* 'refused', and what comes after it. */
    STATUS_AWAY,                /* No process listens. */
    STATUS_FAILED,              /* How much was applied is unknown. */
};

struct status_reply {
    enum status_result result;
    struct uuid refused;        /* STATUS_REFUSED. */
    const char *error;          /* NULL if taken; for people. */
};

/* Reads what driver-agent answers to a report, a JSON object, from which
 * '*ret' borrows. */
void status_reply_parse(const struct json *, struct status_reply *ret);

typedef void status_done(const struct status_reply *, void *aux);

/* Sends a report of records in any order to 'exchanger', the status socket;
 * see exchange.h for the rest. */
struct exchange *status_send(struct exchanger *, const struct status_record *,
                             size_t n, status_done *, void *aux);

/* Returns the path of the socket.  The configuration may be NULL. */
const char *status_socket_path(const struct octavia_conf *);

/* Compares for qsort(), by the order in which Octavia applies records. */
int status_record_compare(const void *, const void *);

#endif /* octavia/status-socket.h */
