/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads what the row of a load balancer says about its VIPs, the first and the
 * additional ones: the driver's verdict on them, and their IP versions.
 */

#ifndef STORE_VIP_ROWS_H
#define STORE_VIP_ROWS_H 1

#include <stdbool.h>
#include <stddef.h>

struct fault;
struct ovsdb_idl_row;
struct uuid;

/* The driver's verdict on a new load balancer. */
enum vip_verdict {
    VIP_VERDICT_NONE,           /* Not yet. */
    VIP_VERDICT_ACCEPTED,       /* Each VIP has its address and port. */
    VIP_VERDICT_REFUSED,        /* vip_rows_set_fault() says why. */
};

/* Returns the verdict on 'lb'.  A port that the user brought is there from the
 * beginning and says nothing: if 'port_is_given', the state does. */
enum vip_verdict vip_rows_verdict(const struct ovsdb_idl_row *lb,
                                  bool port_is_given);

/* Sets '*faultp' to the fault with which the driver refused 'lb'. */
void vip_rows_set_fault(const struct ovsdb_idl_row *lb,
                        struct fault **faultp);

/* True if a VIP of 'lb' is of the IP version of 'address'. */
bool vip_rows_have_version_of(const struct ovsdb_idl_row *lb,
                              const char *address);

/* Returns the VIPs' addresses as Python prints a list of them.  The caller
 * frees the text. */
char *vip_rows_format_addresses(const struct ovsdb_idl_row *lb);

/* True if a VIP of 'lb' has the address. */
bool vip_rows_have(const struct ovsdb_idl_row *lb, const char *address);

/* Returns the number of networks of the VIPs of 'lb', as far as they are
 * known, and stores their ids in '*ret_ids', which the caller frees. */
size_t vip_rows_networks(const struct ovsdb_idl_row *lb,
                         struct uuid **ret_ids);

#endif /* store/vip-rows.h */
