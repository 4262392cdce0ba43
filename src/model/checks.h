/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules that concern several attributes, or attributes of several objects.
 * Pure: what a rule needs to know of the database is an argument.  All return
 * false and set '*faultp' if a rule is broken.
 */

#ifndef MODEL_CHECKS_H
#define MODEL_CHECKS_H 1

#include <stdbool.h>
#include "base/fault.h"

struct attrs;
struct ovsdb_datum;

/* 'protocol' is the listener's, stored or to be. */
bool check_listener(const struct attrs *, const char *protocol,
                    struct fault **faultp);

/* Checks what 'attrs', a listener's, say about TLS versions, as far as they
 * matter to one of that protocol. */
bool check_listener_tls(const struct attrs *, const char *protocol,
                        struct fault **faultp);

/* Checks what 'attrs', a pool's, say about TLS. */
bool check_pool_tls(const struct attrs *, struct fault **faultp);

/* Check the attributes of TLS that listeners and pools have in common: the
 * ciphers' letters, and the versions and ALPN protocols. */
bool check_tls_ciphers(const struct attrs *, struct fault **faultp);
bool check_tls_lists(const struct attrs *, struct fault **faultp);

/* True if both would answer on the same port: one layer 4 protocol. */
bool protocols_collide(const char *listener, const char *other_listener);

/* Checks a pool of one protocol behind a listener of another. */
bool check_protocols(const char *listener, const char *pool,
                     struct fault **faultp);

/* 'attrs' are a pool's; 'protocol' is the pool's and 'stored' its session
 * persistence, both as far as they are known (NULL).  Brings the attribute
 * into the form that is stored: of what is stored it keeps the type. */
bool check_persistence(struct attrs *attrs, const char *protocol,
                       const struct ovsdb_datum *stored,
                       struct fault **faultp);

/* A monitor of type 'type' for a pool of 'pool_protocol'; its delay; and what
 * else 'attrs' say about one of that type. */
bool check_monitor_type(const char *type, const char *pool_protocol,
                        struct fault **faultp);
bool check_monitor_delay(const struct attrs *, const char *type,
                         struct fault **faultp);
bool check_monitor(const struct attrs *, const char *type,
                   struct fault **faultp);

/* Checks that OVN can do it: it probes with the protocol of the pool, whatever
 * the type says, and SCTP not at all. */
bool check_monitor_protocol(const char *type, const char *pool_protocol,
                            struct fault **faultp);

bool check_member_address(const char *address, struct fault **faultp);

/* Checks a member's IP version, since OVN translates addresses within one
 * version only.  'is_a_vips': a VIP of the load balancer has it, too. */
bool check_member_version(bool is_a_vips, struct fault **faultp);

/* Checks a member without a subnet.  'is_found': its address is in the VIP's
 * subnet, or in just one that the VIPs' networks reach; 'is_batch': it came
 * with others. */
bool check_member_subnet(bool is_found, bool is_batch,
                         struct fault **faultp);

/* Checks that a member is probed where it is.  'has_own': it has a monitor
 * address or port of its own; 'is_batch': it came with others. */
bool check_member_monitor(bool has_own, bool is_batch, struct fault **faultp);
#define MEMBER_MONITOR_TEXT                                     \
    "OVN Load Balancer does not support different member "      \
    "monitor address or port."

/* Checks that a backend can have the address of a new member: no host is
 * reached at any other.  'is_a_vip': the load balancer has it itself.  Sets
 * the fault 'id', which has one parameter. */
bool check_member_is_backend(const char *address, bool is_a_vip,
                             enum fault_id, struct fault **faultp);

/* The same of an address that is the broadcast address of its subnet. */
bool check_member_is_unicast(const char *address, bool is_broadcast,
                             enum fault_id, struct fault **faultp);

/* True if both are the same address, however they are written. */
bool addresses_are_equal(const char *, const char *);

/* True if both are addresses of one IP version.  'a' may be NULL. */
bool ip_versions_are_equal(const char *a, const char *b);

#endif /* model/checks.h */
