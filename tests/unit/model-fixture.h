/* SPDX-License-Identifier: Apache-2.0
 *
 * Trees of load balancers as text, for tests.  Both directions, so that what
 * goes in and what comes out are strings in a table.  The same for Northbound
 * rows is in rows-fixture.h.
 *
 * Every UUID has a short name: a capital letter and a decimal number, such as
 * "P12"; the UUID follows from it.  Text with a UUID that follows from no name
 * shows it in full.
 */

#ifndef MODEL_FIXTURE_H
#define MODEL_FIXTURE_H 1

#include "openvswitch/uuid.h"

struct model_lb;

/* The UUID of 'name', and back: replaces each UUID in 'text' by its name.  The
 * caller frees what name_uuids() returns; it frees 'text'. */
struct uuid uuid_of(const char *name);
char *name_uuids(char *text);

/* Gives 'name' another UUID than follows from it, such as that of a row that
 * a database made, until uuid_forget_all().  It may be any word. */
void uuid_call(const struct uuid *, const char *name);
void uuid_forget_all(void);

/* A tree, one object a line; members and the monitor belong to the pool above
 * them:
 *
 *     lb VIP [subnet=S] [net=N] [port=V] [fault=CODE:TEXT]
 *     vip ADDRESS [subnet=S] [net=N] [port=V]
 *     listener NAME PROTOCOL PORT [pool=P]
 *     pool NAME PROTOCOL [source_ip] [affinity[=SECONDS]]
 *     monitor NAME TYPE DELAY TIMEOUT MAX_RETRIES MAX_RETRIES_DOWN
 *     member NAME ADDRESS PORT [subnet=S] [weight=N] [backup] [health=HEALTH]
 *
 * PROTOCOL is OVN's word, TYPE "tcp" or "udp-connect", HEALTH "online",
 * "error" or "unknown"; without, nobody probes the member.  A VIP of "none" is
 * none yet.  Every object (a "vip" is none) may have "down", "deleting", and
 * its statuses as "PROVISIONING/OPERATING" or "PROVISIONING"; without, it is
 * ACTIVE and ONLINE (a member NO_MONITOR).  A member without a subnet lives in
 * the VIP's, if that is known.  The load balancer is B1 of project "demo", its
 * port V1, the rows of its additional VIPs A1, A2 and so on.  A fault's text
 * has '_' for ' '.
 *
 * What does not parse fails the test.  format() writes the same, with all
 * statuses; the caller frees it. */
struct model_lb *model_lb_parse(const char *text);
char *model_lb_format(const struct model_lb *);

#endif /* model-fixture.h */
