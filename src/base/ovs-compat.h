/* SPDX-License-Identifier: Apache-2.0
 *
 * One libopenvswitch for all versions of it, 3.1 to 4.0: what differs between
 * them is said here, and nowhere else.  Which one it is finds meson.build, by
 * compiling; a version number says little about what a distribution ships.
 */

#ifndef BASE_OVS_COMPAT_H
#define BASE_OVS_COMPAT_H 1

#include <stdbool.h>
#include <stddef.h>
#include "daemon.h"
#include "openvswitch/json.h"
#include "util.h"

/* Starts a daemon that needs no privileges: detaches, if the user said so. */
#ifdef OVS_HAS_DAEMONIZE_START_HARDWARE
#define ovs_daemonize_start() daemonize_start(false, false)
#else
#define ovs_daemonize_start() daemonize_start(false)
#endif

/* JSON is read through accessors: from 3.6 on, short strings and arrays are
 * not where they were.  These are what the older versions lack. */
#ifndef OVS_HAS_JSON_ARRAY_AT
static inline size_t
json_array_size(const struct json *json)
{
    return json_array(json)->n;
}

/* The element, NULL if there are not as many. */
static inline const struct json *
json_array_at(const struct json *json, size_t index)
{
    return (index < json_array(json)->n ? json_array(json)->elems[index]
            : NULL);
}
#endif

/* Strings of a row as a setter, or a reader, wants them.  clang refuses
 * CONST_CAST for pointers to pointers. */
static inline const char **
strings_as_const(char **strings)
{
    return (const char **) strings;
}

/* For a result that says nothing which could be acted on. */
#ifndef OVS_HAS_OVS_IGNORE
#define ovs_ignore(RESULT) ignore(RESULT)
#endif

#endif /* base/ovs-compat.h */
