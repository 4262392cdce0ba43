/* SPDX-License-Identifier: Apache-2.0
 *
 * State shared by the parts of the agent.
 */

#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H 1

#include <stdbool.h>
#include "agent/network.h"
#include "model/fields.h"
#include "openvswitch/list.h"

struct latency;
struct octavia_conf;
struct reporter;
struct rows;
struct repair;
struct store;
struct uuid;

struct agent {
    struct store *store;
    struct rows *rows;
    const struct octavia_conf *conf;    /* Octavia's; NULL: none. */
    bool refuses_unsupported_options;   /* Else they are stored. */
    bool refuses_cidrs;         /* The driver does not enforce them. */
    struct network network;
    struct reporter *reporter;
    struct latency *latency;
    struct repair *repair;

    struct ovs_list calls;      /* Elements: struct call, under way. */
    unsigned long long int n_calls, n_faults;

    /* Fetches from Octavia, and writes into OVN_Octavia, the load balancer to
     * which an unknown object belongs.  'done' is called once, later:
     * 'is_there' tells whether looking again makes sense.  NULL: unknown
     * objects are not fetched. */
    void (*import)(struct agent *, enum resource_id, const struct uuid *,
                   void (*done)(bool is_there, void *aux), void *aux);
};

#endif /* agent/agent.h */
