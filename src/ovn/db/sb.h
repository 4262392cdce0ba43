/* SPDX-License-Identifier: Apache-2.0
 *
 * The results of health probes in OVN's Southbound database (table
 * Service_Monitor), for the driver.  Never written.
 */

#ifndef OVN_DB_SB_H
#define OVN_DB_SB_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "model/objects.h"

struct sb;

/* Creates a connection to the Southbound database at 'remote' (OVSDB
 * connection method, or several separated by commas).  Never fails: see
 * sb_is_ready(). */
struct sb *sb_create(const char *remote);
void sb_destroy(struct sb *);
void sb_run(struct sb *);
void sb_wait(struct sb *);

/* Accepts servers that know less than was seen: see store_accept_older(). */
void sb_accept_older(struct sb *);

/* Has silent servers noticed after that long; 0: never. */
void sb_set_probe_interval(struct sb *, int ms);

/* True while connected and holding a complete replica. */
bool sb_is_ready(const struct sb *);

/* Returns what the probes of 'ip' and 'port' through the Logical_Switch_Port
 * named 'logical_port' found: HEALTH_ONLINE, HEALTH_ERROR, or HEALTH_UNKNOWN
 * if OVN has no result (yet).  'protocol' as in Load_Balancer.protocol. */
enum member_health sb_health(const struct sb *, const char *protocol,
                             const struct in6_addr *ip, uint16_t port,
                             const char *logical_port);

/* Returns how many probes have found that.  Looks at all of them. */
size_t sb_n_probes(const struct sb *, enum member_health);

/* The addresses about which the last sb_run() brought news that matter to
 * sb_health().  No order, no duplicates; lives until the next run.  After a
 * reload of the replica they include those of rows that are gone. */
const struct in6_addr *sb_changed_addresses(const struct sb *, size_t *n);

/* Parses "10.0.0.1", "fd00::1" and "[fd00::1]" in Service_Monitor.ip: OVN's
 * versions differ. */
bool sb_parse_ip(const char *, struct in6_addr *ret);

#endif /* ovn/db/sb.h */
