/* SPDX-License-Identifier: Apache-2.0
 *
 * Which packets to a listener have to be dropped, since its allowed_cidrs do
 * not contain their source.  Pure.
 */

#ifndef OVN_WANT_ALLOWED_H
#define OVN_WANT_ALLOWED_H 1

#include <stdbool.h>

struct model_listener;
struct vip_list;

/* True if the listener is not for everybody. */
bool allowed_is_limited(const struct model_listener *);

/* Returns the match of an ACL, see ovn-sb(5), for the packets of one IP
 * version to any of 'vips' that 'listener' does not allow.  NULL if there are
 * none: it allows all, or no VIP has that version.  The caller frees it. */
char *allowed_format_match(const struct model_listener *,
                           const struct vip_list *vips, bool is_ipv6);

/* Returns the match for packets that a switch has translated to any of 'vips',
 * which is a member of another load balancer: the router would translate them
 * again.  NULL if no VIP has that version.  The caller frees it. */
char *allowed_format_translated_match(const struct model_listener *,
                                      const struct vip_list *vips,
                                      bool is_ipv6);

#endif /* ovn/want/allowed.h */
