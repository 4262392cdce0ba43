/* SPDX-License-Identifier: Apache-2.0
 *
 * libsystemd's notifications, or functions that do nothing where the program
 * is built without it.
 */

#ifndef BASE_SD_COMPAT_H
#define BASE_SD_COMPAT_H 1

#include <stdint.h>

#ifdef HAVE_LIBSYSTEMD
#include <systemd/sd-daemon.h>
#else
static inline int
sd_notify(int unset_environment, const char *state)
{
    return (void) unset_environment, (void) state, 0;
}

static inline int
sd_watchdog_enabled(int unset_environment, uint64_t *usec)
{
    return (void) unset_environment, (void) usec, 0;
}
#endif

#endif /* base/sd-compat.h */
