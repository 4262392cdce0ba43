/* SPDX-License-Identifier: Apache-2.0
 *
 * UUIDs that follow from what they name, so that every process, at any time,
 * finds the same one.
 */

#ifndef BASE_NAME_UUID_H
#define BASE_NAME_UUID_H 1

#include "openvswitch/uuid.h"

/* The name-based UUID (RFC 4122 version 5, by SHA-1) of 'name' within
 * 'space'. */
struct uuid name_uuid(const struct uuid *space, const char *name);

#endif /* base/name-uuid.h */
