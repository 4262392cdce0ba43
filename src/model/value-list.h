/* SPDX-License-Identifier: Apache-2.0
 *
 * Values that consist of several; a part of value.c, which calls this.
 */

#ifndef MODEL_VALUE_LIST_H
#define MODEL_VALUE_LIST_H 1

#include "model/value.h"

enum value_result value_list_from_json(const struct field *,
                                       const struct json *,
                                       struct ovsdb_datum *ret, char **whyp);
enum value_result value_map_from_json(const struct field *,
                                      const struct json *,
                                      struct ovsdb_datum *ret, char **whyp);

/* The prefix that 'text' ("ADDRESS", "ADDRESS/LENGTH", "ADDRESS/NETMASK")
 * stands for, "10.0.0.0/24", or NULL.  The caller frees it. */
char *cidr_canonicalize(const char *text);

#endif /* model/value-list.h */
