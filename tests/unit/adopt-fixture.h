/* SPDX-License-Identifier: Apache-2.0
 *
 * Northbound rows to adopt, and what became of them, as text, for tests.
 */

#ifndef ADOPT_FIXTURE_H
#define ADOPT_FIXTURE_H 1

#include <stddef.h>

struct adopt_problems;
struct adopt_row;
struct model_lb;

#define ADOPT_ROWS_MAX 4

/* The rows of B1, one column or key a line:
 *
 *     row [PROTOCOL]      all that follows is of this row
 *     hash FIELD...       without it: all four
 *     vip VIP BACKENDS
 *     option KEY VALUE
 *     id KEY VALUE        without "enabled", "neutron:vip" and
 *                         "neutron:vip_port_id", those of a good row
 *     no KEY              takes one of these out
 *     check KEY VALUE...  a health check's external_ids and options; "vip"
 *                         is its VIP
 *
 * "P1" and the like stand for UUIDs, see model-fixture.h.  Returns the number
 * of rows, at most ADOPT_ROWS_MAX; the caller uninitializes them. */
size_t adopt_rows_parse(const char *text, struct adopt_row *rows);

/* The load balancer, unless it is NULL, one object a line, and below it the
 * problems.  The caller frees it. */
char *adopt_describe(const struct model_lb *, const struct adopt_problems *);

#endif /* adopt-fixture.h */
