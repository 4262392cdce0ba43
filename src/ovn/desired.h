/* SPDX-License-Identifier: Apache-2.0
 *
 * How a load balancer should look in OVN's Northbound database: the encoding,
 * key for key.  Pure.
 */

#ifndef OVN_DESIRED_H
#define OVN_DESIRED_H 1

#include <stdbool.h>

struct model_lb;
struct ovn_lb;
struct topology;
struct uuid;
struct uuidset;

/* Fills 'ret' (the caller uninitializes it) with what 'lb' should look like,
 * given the network.  'lb' has a VIP address unless it is being deleted.
 * Stores in '*ret_homes' (initialized, empty) the switches whose links decide
 * about association; see attach.h. */
void desired_lb(const struct model_lb *lb, const struct topology *,
                struct ovn_lb *ret, struct uuidset *ret_homes);

/* True if 'key' is one of ours in Load_Balancer.external_ids or .options: if
 * it is there and not desired, it must go.  Other keys belong to others. */
bool desired_owns_external_id(const char *key);
bool desired_owns_option(const char *key);

/* True if the value of 'key' in Load_Balancer.external_ids is JSON, to be
 * compared as such. */
bool desired_external_id_is_json(const char *key);

#endif /* ovn/desired.h */
