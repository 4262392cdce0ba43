/* SPDX-License-Identifier: Apache-2.0
 *
 * One libopenvswitch for all versions of it, 3.1 to 4.0: what differs between
 * them is said here, and nowhere else.  Which one it is finds meson.build, by
 * compiling; a version number says little about what a distribution ships.
 */

#ifndef BASE_OVS_COMPAT_H
#define BASE_OVS_COMPAT_H 1

#include <stdbool.h>
#include "daemon.h"

/* Starts a daemon that needs no privileges: detaches, if the user said so. */
#ifdef OVS_HAS_DAEMONIZE_START_HARDWARE
#define ovs_daemonize_start() daemonize_start(false, false)
#else
#define ovs_daemonize_start() daemonize_start(false)
#endif

#endif /* base/ovs-compat.h */
