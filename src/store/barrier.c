/* SPDX-License-Identifier: Apache-2.0
 *
 * Has the server answer; see barrier.h.
 */

#include <config.h>
#include "store/barrier.h"
#include "octavia-idl.h"

/* The IDL sends no transaction without a change.  A row without references is
 * gone before the server commits: nothing is written to a disk, and no other
 * client hears of it. */
void
barrier_write(struct ovsdb_idl_txn *txn)
{
    octrec_connection_insert(txn);
}
