/* SPDX-License-Identifier: Apache-2.0
 *
 * The header Prefer (RFC 7240).
 */

#ifndef API_PREFER_H
#define API_PREFER_H 1

/* Returns the seconds of "wait" in the header's value, which may be NULL; 0 if
 * it has none, or one that cannot be understood. */
int prefer_read_wait_s(const char *prefer);

#endif /* api/prefer.h */
