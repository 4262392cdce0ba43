/* SPDX-License-Identifier: Apache-2.0
 *
 * Facts from the Southbound database that only tools need: what ovn-northd and
 * the chassis have made of a load balancer.  Never written.
 */

#ifndef OVN_DB_SB_FACTS_H
#define OVN_DB_SB_FACTS_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sb_facts;
struct smap;
struct uuid;

/* Creates a connection to the Southbound database at 'remote' (OVSDB
 * connection method, or several separated by commas).  Never fails: see
 * sb_facts_are_ready(). */
struct sb_facts *sb_facts_create(const char *remote);
void sb_facts_destroy(struct sb_facts *);
void sb_facts_run(struct sb_facts *);
void sb_facts_wait(struct sb_facts *);

/* True while connected and holding a complete replica. */
bool sb_facts_are_ready(const struct sb_facts *);

/* The configuration that chassis are to install: SB_Global.nb_cfg. */
int64_t sb_facts_nb_cfg(const struct sb_facts *);

/* Fills in what northd has made of a Load_Balancer row of the Northbound
 * database.  Returns false if it has made nothing of it. */
struct sb_facts_lb {
    const struct smap *vips;    /* Borrowed until the next run. */
    size_t n_datapaths;
};
bool sb_facts_lb(const struct sb_facts *, const struct uuid *nb_row,
                 struct sb_facts_lb *ret);

/* True if northd makes something of load balancers that only routers carry:
 * from 24.03 on. */
bool sb_facts_have_router_lbs(const struct sb_facts *);

/* The chassis, sorted by name. */
struct sb_facts_chassis {
    char *name;                 /* With its host's name, if that differs. */
    int64_t nb_cfg;             /* The newest configuration that it has
                                 * installed. */
};
struct sb_facts_chassis *sb_facts_chassis(const struct sb_facts *, size_t *n);
void sb_facts_free_chassis(struct sb_facts_chassis *, size_t n);

/* The name of the chassis that has the port, or NULL.  Borrowed until the next
 * run. */
const char *sb_facts_port_chassis(const struct sb_facts *,
                                  const char *logical_port);

/* The status of the Service_Monitor, "" if there is no result yet, or NULL if
 * there is no such row.  The arguments are as for sb_health().  Borrowed until
 * the next run. */
const char *sb_facts_probe(const struct sb_facts *, const char *protocol,
                           const struct in6_addr *ip, uint16_t port,
                           const char *logical_port);

#endif /* ovn/db/sb-facts.h */
