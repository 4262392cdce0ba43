/* SPDX-License-Identifier: Apache-2.0
 *
 * Statuses after an attempt to put a load balancer into OVN, and after news of
 * its members' health.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "model-fixture.h"
#include "model/objects.h"
#include "model/rollup.h"
#include "openvswitch/vlog.h"
#include "util.h"

static const struct row {
    const char *title;
    const char *before;
    struct model_fault fault;   /* No 'text': none. */
    const char *after;
} rows[] = {
    {
        "a new load balancer is ACTIVE and ONLINE",
        "lb 10.0.1.5 PENDING_CREATE/OFFLINE", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n",
    }, {
        "one that is down is OFFLINE",
        "lb 10.0.1.5 down PENDING_UPDATE/ONLINE", { 0, NULL, false },
        "lb 10.0.1.5 down ACTIVE/OFFLINE\n",
    }, {
        "a whole tree settles",
        "lb 10.0.1.5 PENDING_UPDATE/OFFLINE\n"
        "listener L1 tcp 80 pool=P1 PENDING_CREATE/OFFLINE\n"
        "pool P1 tcp PENDING_CREATE/OFFLINE\n"
        "member M1 10.0.2.1 80 PENDING_CREATE/OFFLINE", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "listener L1 tcp 80 pool=P1 ACTIVE/ONLINE\n"
        "pool P1 tcp ACTIVE/ONLINE\n"
        "member M1 10.0.2.1 80 ACTIVE/NO_MONITOR\n",
    }, {
        "what is down is OFFLINE, and says nothing about what is above",
        "lb 10.0.1.5 PENDING_UPDATE/OFFLINE\n"
        "listener L1 tcp 80 pool=P1 down\n"
        "listener L2 tcp 81 pool=P1\n"
        "pool P1 tcp down PENDING_UPDATE/ONLINE\n"
        "member M1 10.0.2.1 80 down PENDING_UPDATE/ONLINE\n"
        "member M2 10.0.2.2 80", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "listener L1 tcp 80 pool=P1 down ACTIVE/OFFLINE\n"
        "listener L2 tcp 81 pool=P1 ACTIVE/ONLINE\n"
        "pool P1 tcp down ACTIVE/OFFLINE\n"
        "member M1 10.0.2.1 80 down ACTIVE/OFFLINE\n"
        "member M2 10.0.2.2 80 ACTIVE/NO_MONITOR\n",
    }, {
        "a member that is not probed any more is NO_MONITOR",
        "lb 10.0.1.5 ACTIVE/ERROR\n"
        "listener L1 tcp 80 pool=P1 ACTIVE/ERROR\n"
        "pool P1 tcp ACTIVE/ERROR\n"
        "member M1 10.0.2.1 80 ACTIVE/ERROR", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "listener L1 tcp 80 pool=P1 ACTIVE/ONLINE\n"
        "pool P1 tcp ACTIVE/ONLINE\n"
        "member M1 10.0.2.1 80 ACTIVE/NO_MONITOR\n",
    }, {
        "a pool without a monitor is ONLINE, though its members are down",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 down", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "listener L1 tcp 80 pool=P1 ACTIVE/ONLINE\n"
        "pool P1 tcp ACTIVE/ONLINE\n"
        "member M1 10.0.2.1 80 down ACTIVE/OFFLINE\n",
    },

    /* Pools without members. */
    {
        "a new pool with a listener is ONLINE",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp PENDING_CREATE/OFFLINE", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "listener L1 tcp 80 pool=P1 ACTIVE/ONLINE\n"
        "pool P1 tcp ACTIVE/ONLINE\n",
    }, {
        "a new pool without a listener is OFFLINE",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80\n"
        "pool P1 tcp PENDING_CREATE/OFFLINE", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "listener L1 tcp 80 ACTIVE/ONLINE\n"
        "pool P1 tcp ACTIVE/OFFLINE\n",
    }, {
        "a listener that is being deleted does not count",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1 PENDING_DELETE/ONLINE\n"
        "pool P1 tcp PENDING_UPDATE/ONLINE", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "listener L1 tcp 80 pool=P1 PENDING_DELETE/ONLINE\n"
        "pool P1 tcp ACTIVE/OFFLINE\n",
    }, {
        "a pool that loses its last member is OFFLINE",
        "lb 10.0.1.5 PENDING_UPDATE/ONLINE\n"
        "listener L1 tcp 80 pool=P1 PENDING_UPDATE/ONLINE\n"
        "pool P1 tcp PENDING_UPDATE/ONLINE\n"
        "member M1 10.0.2.1 80 PENDING_DELETE/NO_MONITOR", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "listener L1 tcp 80 pool=P1 ACTIVE/ONLINE\n"
        "pool P1 tcp ACTIVE/OFFLINE\n"
        "member M1 10.0.2.1 80 PENDING_DELETE/NO_MONITOR\n",
    }, {
        "a pool that loses one of two members stays ONLINE",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp PENDING_UPDATE/ONLINE\n"
        "member M1 10.0.2.1 80 PENDING_DELETE/NO_MONITOR\n"
        "member M2 10.0.2.2 80", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "listener L1 tcp 80 pool=P1 ACTIVE/ONLINE\n"
        "pool P1 tcp ACTIVE/ONLINE\n"
        "member M1 10.0.2.1 80 PENDING_DELETE/NO_MONITOR\n"
        "member M2 10.0.2.2 80 ACTIVE/NO_MONITOR\n",
    }, {
        "an empty pool to which nothing happens stays OFFLINE",
        "lb 10.0.1.5 PENDING_UPDATE/ONLINE\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp ACTIVE/OFFLINE", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "listener L1 tcp 80 pool=P1 ACTIVE/ONLINE\n"
        "pool P1 tcp ACTIVE/OFFLINE\n",
    }, {
        "or ONLINE",
        "lb 10.0.1.5 PENDING_UPDATE/ONLINE\n"
        "pool P1 tcp ACTIVE/ONLINE", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "pool P1 tcp ACTIVE/ONLINE\n",
    }, {
        "an empty pool that is down is OFFLINE",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp down PENDING_UPDATE/ONLINE", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "listener L1 tcp 80 pool=P1 ACTIVE/ONLINE\n"
        "pool P1 tcp down ACTIVE/OFFLINE\n",
    }, {
        "an empty pool that is ERROR shows on its listener and above",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "listener L2 tcp 81\n"
        "pool P1 tcp ACTIVE/ERROR", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ERROR\n"
        "listener L1 tcp 80 pool=P1 ACTIVE/ERROR\n"
        "listener L2 tcp 81 ACTIVE/ONLINE\n"
        "pool P1 tcp ACTIVE/ERROR\n",
    }, {
        "one that is DEGRADED, too",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp ACTIVE/DEGRADED", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/DEGRADED\n"
        "listener L1 tcp 80 pool=P1 ACTIVE/DEGRADED\n"
        "pool P1 tcp ACTIVE/DEGRADED\n",
    }, {
        "unless the listener is down",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1 down\n"
        "pool P1 tcp ACTIVE/ERROR", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "listener L1 tcp 80 pool=P1 down ACTIVE/OFFLINE\n"
        "pool P1 tcp ACTIVE/ERROR\n",
    }, {
        "or on its way out",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1 PENDING_DELETE/ERROR\n"
        "pool P1 tcp ACTIVE/ERROR", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "listener L1 tcp 80 pool=P1 PENDING_DELETE/ERROR\n"
        "pool P1 tcp ACTIVE/ERROR\n",
    }, {
        "or the pool is",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp PENDING_DELETE/ERROR\n"
        "member M1 10.0.2.1 80", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "listener L1 tcp 80 pool=P1 ACTIVE/ONLINE\n"
        "pool P1 tcp PENDING_DELETE/ONLINE\n"
        "member M1 10.0.2.1 80 ACTIVE/NO_MONITOR\n",
    },

    /* Health. */
    {
        "a pool is ONLINE when its monitor finds all members well",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp PENDING_UPDATE/ONLINE\n"
        "monitor H1 tcp 5 3 2 3 PENDING_CREATE/OFFLINE\n"
        "member M1 10.0.2.1 80 health=online", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "listener L1 tcp 80 pool=P1 ACTIVE/ONLINE\n"
        "pool P1 tcp ACTIVE/ONLINE\n"
        "monitor H1 tcp 5 3 2 3 ACTIVE/ONLINE\n"
        "member M1 10.0.2.1 80 health=online ACTIVE/ONLINE\n",
    }, {
        "one member of two that does not answer degrades all above it",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "listener L2 tcp 81\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 10.0.2.1 80 health=error\n"
        "member M2 10.0.2.2 80 health=online", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/DEGRADED\n"
        "listener L1 tcp 80 pool=P1 ACTIVE/DEGRADED\n"
        "listener L2 tcp 81 ACTIVE/ONLINE\n"
        "pool P1 tcp ACTIVE/DEGRADED\n"
        "monitor H1 tcp 5 3 2 3 ACTIVE/ONLINE\n"
        "member M1 10.0.2.1 80 health=error ACTIVE/ERROR\n"
        "member M2 10.0.2.2 80 health=online ACTIVE/ONLINE\n",
    }, {
        "a member that is cut off is as one that does not answer, drained too",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 10.0.2.1 80 health=cut_off\n"
        "member M2 10.0.2.2 80 weight=0 health=cut_off\n"
        "member M3 10.0.2.3 80 health=online", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/DEGRADED\n"
        "listener L1 tcp 80 pool=P1 ACTIVE/DEGRADED\n"
        "pool P1 tcp ACTIVE/DEGRADED\n"
        "monitor H1 tcp 5 3 2 3 ACTIVE/ONLINE\n"
        "member M1 10.0.2.1 80 health=cut_off ACTIVE/ERROR\n"
        "member M2 10.0.2.2 80 weight=0 health=cut_off ACTIVE/ERROR\n"
        "member M3 10.0.2.3 80 health=online ACTIVE/ONLINE\n",
    }, {
        "without probes nobody asks whether a member is cut off",
        "lb 10.0.1.5\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3 down\n"
        "member M1 10.0.2.1 80 health=cut_off", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "pool P1 tcp ACTIVE/ONLINE\n"
        "monitor H1 tcp 5 3 2 3 down ACTIVE/OFFLINE\n"
        "member M1 10.0.2.1 80 health=cut_off ACTIVE/NO_MONITOR\n",
    }, {
        "a pool whose members that are up all fail is ERROR, and what uses it",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 10.0.2.1 80 health=error\n"
        "member M2 10.0.2.2 80 health=online down\n"
        "member M3 10.0.2.3 80 health=online PENDING_DELETE\n"
        "member M4 10.0.2.4 80 health=online deleting ERROR",
        { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ERROR\n"
        "listener L1 tcp 80 pool=P1 ACTIVE/ERROR\n"
        "pool P1 tcp ACTIVE/ERROR\n"
        "monitor H1 tcp 5 3 2 3 ACTIVE/ONLINE\n"
        "member M1 10.0.2.1 80 health=error ACTIVE/ERROR\n"
        "member M2 10.0.2.2 80 health=online down ACTIVE/OFFLINE\n"
        "member M3 10.0.2.3 80 health=online PENDING_DELETE/ONLINE\n"
        "member M4 10.0.2.4 80 health=online deleting ERROR/ONLINE\n",
    }, {
        "a monitored pool whose members are all down is OFFLINE",
        "lb 10.0.1.5\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 10.0.2.1 80 health=error down", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "pool P1 tcp ACTIVE/OFFLINE\n"
        "monitor H1 tcp 5 3 2 3 ACTIVE/ONLINE\n"
        "member M1 10.0.2.1 80 health=error down ACTIVE/OFFLINE\n",
    }, {
        "a member without a result is NO_MONITOR and no harm to its pool",
        "lb 10.0.1.5\n"
        "pool P1 udp\n"
        "monitor H1 udp-connect 5 3 2 3\n"
        "member M1 10.0.2.1 80 health=unknown\n"
        "member M2 10.0.2.2 80", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "pool P1 udp ACTIVE/ONLINE\n"
        "monitor H1 udp-connect 5 3 2 3 ACTIVE/ONLINE\n"
        "member M1 10.0.2.1 80 health=unknown ACTIVE/NO_MONITOR\n"
        "member M2 10.0.2.2 80 ACTIVE/NO_MONITOR\n",
    }, {
        "a member with weight 0 is DRAINING, unless it fails",
        "lb 10.0.1.5\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 10.0.2.1 80 weight=0 health=online\n"
        "member M2 10.0.2.2 80 weight=0 health=unknown\n"
        "member M3 10.0.2.3 80 weight=0 health=error", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "pool P1 tcp ACTIVE/ONLINE\n"
        "monitor H1 tcp 5 3 2 3 ACTIVE/ONLINE\n"
        "member M1 10.0.2.1 80 weight=0 health=online ACTIVE/DRAINING\n"
        "member M2 10.0.2.2 80 weight=0 health=unknown ACTIVE/DRAINING\n"
        "member M3 10.0.2.3 80 weight=0 health=error ACTIVE/ERROR\n",
    }, {
        "one with weight 0 that fails degrades nothing above it",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 10.0.2.1 80 health=online\n"
        "member M2 10.0.2.2 80 weight=0 health=cut_off", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "listener L1 tcp 80 pool=P1 ACTIVE/ONLINE\n"
        "pool P1 tcp ACTIVE/ONLINE\n"
        "monitor H1 tcp 5 3 2 3 ACTIVE/ONLINE\n"
        "member M1 10.0.2.1 80 health=online ACTIVE/ONLINE\n"
        "member M2 10.0.2.2 80 weight=0 health=cut_off ACTIVE/ERROR\n",
    }, {
        "unless there is no other",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M2 10.0.2.2 80 weight=0 health=cut_off", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ERROR\n"
        "listener L1 tcp 80 pool=P1 ACTIVE/ERROR\n"
        "pool P1 tcp ACTIVE/ERROR\n"
        "monitor H1 tcp 5 3 2 3 ACTIVE/ONLINE\n"
        "member M2 10.0.2.2 80 weight=0 health=cut_off ACTIVE/ERROR\n",
    }, {
        "a monitor that is down is OFFLINE, and its results do not count",
        "lb 10.0.1.5\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3 down PENDING_UPDATE\n"
        "member M1 10.0.2.1 80 health=error\n"
        "member M2 10.0.2.2 80 health=online", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "pool P1 tcp ACTIVE/ONLINE\n"
        "monitor H1 tcp 5 3 2 3 down ACTIVE/OFFLINE\n"
        "member M1 10.0.2.1 80 health=error ACTIVE/NO_MONITOR\n"
        "member M2 10.0.2.2 80 health=online ACTIVE/NO_MONITOR\n",
    }, {
        "nor do those of one that is being deleted",
        "lb 10.0.1.5\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3 PENDING_DELETE/ONLINE\n"
        "member M1 10.0.2.1 80 health=error", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "pool P1 tcp ACTIVE/ONLINE\n"
        "monitor H1 tcp 5 3 2 3 PENDING_DELETE/ONLINE\n"
        "member M1 10.0.2.1 80 health=error ACTIVE/NO_MONITOR\n",
    }, {
        "a pool without a monitor is ONLINE whatever its neighbours do",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "listener L2 tcp 81 pool=P2\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80\n"
        "pool P2 tcp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M2 10.0.2.1 80 health=error", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ERROR\n"
        "listener L1 tcp 80 pool=P1 ACTIVE/ONLINE\n"
        "listener L2 tcp 81 pool=P2 ACTIVE/ERROR\n"
        "pool P1 tcp ACTIVE/ONLINE\n"
        "member M1 10.0.2.1 80 ACTIVE/NO_MONITOR\n"
        "pool P2 tcp ACTIVE/ERROR\n"
        "monitor H1 tcp 5 3 2 3 ACTIVE/ONLINE\n"
        "member M2 10.0.2.1 80 health=error ACTIVE/ERROR\n",
    }, {
        "a pool that is down is OFFLINE, however its members are",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp down\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 10.0.2.1 80 health=error", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "listener L1 tcp 80 pool=P1 ACTIVE/ONLINE\n"
        "pool P1 tcp down ACTIVE/OFFLINE\n"
        "monitor H1 tcp 5 3 2 3 ACTIVE/ONLINE\n"
        "member M1 10.0.2.1 80 health=error ACTIVE/ERROR\n",
    },

    /* Deletion and failure. */
    {
        "what is being deleted stays so although its state says ERROR",
        "lb 10.0.1.5 deleting ERROR/ONLINE\n"
        "listener L1 tcp 80 pool=P1 deleting ERROR/ONLINE\n"
        "pool P1 tcp deleting ERROR/ONLINE\n"
        "monitor H1 tcp 5 3 2 3 deleting ERROR/ONLINE", { 0, NULL, false },
        "lb 10.0.1.5 deleting ERROR/ONLINE\n"
        "listener L1 tcp 80 pool=P1 deleting ERROR/ONLINE\n"
        "pool P1 tcp deleting ERROR/ONLINE\n"
        "monitor H1 tcp 5 3 2 3 deleting ERROR/ONLINE\n",
    }, {
        "what is being deleted stays so: the caller removes it",
        "lb 10.0.1.5 PENDING_DELETE/ONLINE\n"
        "listener L1 tcp 80 pool=P1 PENDING_DELETE/ONLINE\n"
        "pool P1 tcp PENDING_DELETE/ONLINE\n"
        "member M1 10.0.2.1 80 PENDING_DELETE/NO_MONITOR", { 0, NULL, false },
        "lb 10.0.1.5 PENDING_DELETE/ONLINE\n"
        "listener L1 tcp 80 pool=P1 PENDING_DELETE/ONLINE\n"
        "pool P1 tcp PENDING_DELETE/OFFLINE\n"
        "member M1 10.0.2.1 80 PENDING_DELETE/NO_MONITOR\n",
    }, {
        "a fault puts everything into ERROR, and says why",
        "lb none PENDING_CREATE/OFFLINE\n"
        "listener L1 tcp 80 pool=P1 PENDING_CREATE/OFFLINE\n"
        "pool P1 tcp PENDING_CREATE/OFFLINE\n"
        "monitor H1 tcp 5 3 2 3 PENDING_CREATE/OFFLINE\n"
        "member M1 10.0.2.1 80 PENDING_CREATE/OFFLINE",
        { 409, "the subnet is full", false },
        "lb none fault=409:the subnet is full ERROR/ERROR\n"
        "listener L1 tcp 80 pool=P1 ERROR/OFFLINE\n"
        "pool P1 tcp ERROR/OFFLINE\n"
        "monitor H1 tcp 5 3 2 3 ERROR/OFFLINE\n"
        "member M1 10.0.2.1 80 ERROR/OFFLINE\n",
    }, {
        "a fault that no request is to blame for has no code",
        "lb 10.0.1.5",
        { 0, "the subnet is gone", false },
        "lb 10.0.1.5 fault=0:the subnet is gone ERROR/ERROR\n",
    }, {
        "a fault replaces the one before it",
        "lb 10.0.1.5 fault=409:full ERROR/ERROR",
        { 404, "gone", false },
        "lb 10.0.1.5 fault=404:gone ERROR/ERROR\n",
    }, {
        "a fault does not end a deletion",
        "lb 10.0.1.5 PENDING_DELETE/ONLINE\n"
        "listener L1 tcp 80 PENDING_DELETE/ONLINE\n"
        "listener L2 tcp 81 ACTIVE/ONLINE",
        { 0, "no connection", false },
        "lb 10.0.1.5 fault=0:no connection PENDING_DELETE/ERROR\n"
        "listener L1 tcp 80 PENDING_DELETE/ONLINE\n"
        "listener L2 tcp 81 ERROR/ONLINE\n",
    }, {
        "a monitor that cannot probe is ERROR, and nothing else is",
        "lb 10.0.1.5 PENDING_UPDATE\n"
        "listener L1 tcp 80 pool=P1 PENDING_UPDATE\n"
        "pool P1 tcp PENDING_UPDATE\n"
        "monitor H1 tcp 5 3 2 3 unserved PENDING_CREATE\n"
        "member M1 10.0.2.1 80\n"
        "pool P2 tcp\n"
        "monitor H2 tcp 5 3 2 3\n"
        "member M2 10.0.3.1 80 health=online", { 0, "quota", true },
        "lb 10.0.1.5 fault=0:quota ACTIVE/ONLINE\n"
        "listener L1 tcp 80 pool=P1 ACTIVE/ONLINE\n"
        "pool P1 tcp ACTIVE/ONLINE\n"
        "monitor H1 tcp 5 3 2 3 unserved ERROR/ERROR\n"
        "member M1 10.0.2.1 80 ACTIVE/NO_MONITOR\n"
        "pool P2 tcp ACTIVE/ONLINE\n"
        "monitor H2 tcp 5 3 2 3 ACTIVE/ONLINE\n"
        "member M2 10.0.3.1 80 health=online ACTIVE/ONLINE\n",
    }, {
        "success heals everything and forgets the fault",
        "lb 10.0.1.5 fault=409:full ERROR/ERROR\n"
        "listener L1 tcp 80 pool=P1 ERROR/OFFLINE\n"
        "pool P1 tcp ERROR/OFFLINE\n"
        "member M1 10.0.2.1 80 ERROR/OFFLINE", { 0, NULL, false },
        "lb 10.0.1.5 ACTIVE/ONLINE\n"
        "listener L1 tcp 80 pool=P1 ACTIVE/ONLINE\n"
        "pool P1 tcp ACTIVE/ONLINE\n"
        "member M1 10.0.2.1 80 ACTIVE/NO_MONITOR\n",
    },
};

static void
check_rollup(struct model_lb *lb, const struct row *row)
{
    rollup(lb, row->fault.text ? &row->fault : NULL);

    char *actual = model_lb_format(lb);
    assert_string_equal(actual, row->after);
    free(actual);
}

static void
test_rollup(void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct model_lb *lb = model_lb_parse(rows[i].before);

        print_message("%s\n", rows[i].title);
        check_rollup(lb, &rows[i]);

        /* The driver does this again and again, and must come to rest. */
        check_rollup(lb, &rows[i]);
        model_lb_destroy(lb);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rollup),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
