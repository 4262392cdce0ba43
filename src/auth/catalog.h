/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the URLs of services in Keystone's catalog, and normalises them.
 * Pure.
 */

#ifndef AUTH_CATALOG_H
#define AUTH_CATALOG_H 1

struct json;

/* Returns the URL of the service of 'type' in 'catalog' ("catalog" of a
 * token's body), without slashes and without a version at its end.
 * 'interfaces' ends with NULL; the first one that is there counts.  'region'
 * NULL: any.  Returns NULL if there is none.  The caller frees it. */
char *catalog_find(const struct json *catalog, const char *type,
                   const char *const *interfaces, const char *region);

/* Returns 'url' as catalog_find() does: "http://h:9696/v2.0/" is
 * "http://h:9696", to which the caller's path, which begins with the version,
 * is added.  NULL if it is no URL of http or https.  The caller frees it. */
char *endpoint_normalize(const char *url);

#endif /* auth/catalog.h */
