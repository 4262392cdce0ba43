/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows that a load balancer should have in OVN's Northbound database: the
 * encoding, key for key.  Pure.
 */

#ifndef OVN_WANT_DESIRED_H
#define OVN_WANT_DESIRED_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include "openvswitch/uuid.h"
#include "ovn/want/probes.h"
#include "uuidset.h"

struct model_lb;
struct ovn_lb;
struct topology;

/* Holds the input of desired_lb() besides the load balancer itself. */
struct desired_facts {
    const struct topology *topology;
    bool has_ipv6_hash;         /* selection_fields may hold ipv6_src. */
    bool has_central_replies;   /* What members answer goes through gateways:
                                 * see centralise.h. */
    bool enforce_cidrs;         /* Keep clients out by ACLs. */
    bool use_groups;            /* Associate by Load_Balancer_Group, not row by
                                 * row. */

    /* A source for each of probe_subnets() that can have one. */
    struct probe_sources sources;
};

/* Names what the rows of a load balancer depend on. */
struct desired_watch {
    struct uuidset homes;       /* Switches; see attach.h. */
    struct uuidset addresses;   /* Each an IPv6 (or v4-mapped) address: of
                                 * VIPs, and of members and sources of
                                 * probes.  See watch_address(). */
    struct uuidset subnets;     /* In which there are members to probe. */
    struct uuidset nats;        /* NAT rows that have to be centralised. */
};

void desired_watch_init(struct desired_watch *);
void desired_watch_uninit(struct desired_watch *);

/* Returns 'ip' in the form in which 'addresses' holds it. */
struct uuid watch_address(const struct in6_addr *ip);

/* Fills 'ret' (the caller uninitializes it) with what 'lb' should look like,
 * and '*ret_watch' (initialized, empty) with what that depends on.  'lb'
 * is without what is being deleted (model/wanted.h); it has a VIP address
 * unless it is itself being deleted, and its members' health is known.
 * With 'use_groups', groups_assign() does the rest. */
void desired_lb(const struct model_lb *lb, const struct desired_facts *,
                struct ovn_lb *ret, struct desired_watch *ret_watch);

/* True if 'key' is one of ours in Load_Balancer.external_ids or .options: if
 * it is there and not desired, it must go.  Other keys belong to others. */
bool desired_owns_external_id(const char *key);
bool desired_owns_option(const char *key);
bool desired_owns_check_option(const char *key);

/* True if the value of 'key' in Load_Balancer.external_ids is JSON, to be
 * compared as such. */
bool desired_external_id_is_json(const char *key);

/* True if it is a list, separated by commas, whose order means nothing. */
bool desired_external_id_is_set(const char *key);

#endif /* ovn/want/desired.h */
