/* SPDX-License-Identifier: Apache-2.0
 *
 * Name-based UUIDs; see name-uuid.h.
 */

#include <config.h>
#include "base/name-uuid.h"
#include <arpa/inet.h>
#include <string.h>
#include "sha1.h"

struct uuid
name_uuid(const struct uuid *space, const char *name)
{
    uint32_t words[5];          /* SHA-1 makes 20 bytes; 16 are used. */
    uint32_t space_be[4];
    struct sha1_ctx ctx;
    struct uuid uuid;

    for (size_t i = 0; i < 4; i++) {
        space_be[i] = htonl(space->parts[i]);
    }
    sha1_init(&ctx);
    sha1_update(&ctx, space_be, sizeof space_be);
    sha1_update(&ctx, name, strlen(name));
    sha1_final(&ctx, (uint8_t *) words);
    for (size_t i = 0; i < 4; i++) {
        uuid.parts[i] = ntohl(words[i]);
    }
    uuid.parts[1] = (uuid.parts[1] & 0xffff0fff) | 0x00005000;
    uuid.parts[2] = (uuid.parts[2] & 0x3fffffff) | 0x80000000;
    return uuid;
}
