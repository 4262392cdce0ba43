/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of writing one pool that a graph needs, too.
 */

#ifndef API_POOLS_H
#define API_POOLS_H 1

struct uuid;

/* Logs that OVN only comes near to what the pool is for. */
void pool_log_round_robin(const struct uuid *id);

#endif /* api/pools.h */
