/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts what a write makes against its project's quota.  A write says what it
 * will make while it looks, and is refused if that is too much; what was said
 * is written when all other checks have passed, too, so that a refused write
 * leaves nothing in the transaction it shares.  store/quotas.h says why the
 * limits hold.
 *
 * Nothing is counted without authentication, as in Octavia: every caller may
 * change the quota then.
 */

#ifndef API_QUOTA_CHARGE_H
#define API_QUOTA_CHARGE_H 1

#include <stdbool.h>
#include "model/fields.h"

struct family;
struct ovsdb_idl_txn;
struct request;

/* Counts 'n' new objects of 'kind', besides what this attempt of the write has
 * counted before.  Call it while the write looks, in the transaction, after
 * the policy was asked and before the states are tested: as often as
 * convenient, once for each object or once for all objects of a kind.  'n' may
 * be 0 or less, if a write replaces objects by fewer others: that is always
 * allowed.  Returns false and sets the request's fault if they are too many.
 *
 * The project is that of 'family->lb', or, before there is one, the one in the
 * request's body.  The POSTs of single objects are counted by write.c. */
bool quota_charge(struct request *, const struct family *,
                  enum resource_id kind, int64_t n);

/* For write.c.  Forgets what was counted, for an attempt that begins; and
 * writes it, before anything else is written. */
void quota_charge_begin(struct request *);
void quota_charge_write(struct request *, const struct family *,
                        struct ovsdb_idl_txn *);

#endif /* api/quota-charge.h */
