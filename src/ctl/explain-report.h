/* SPDX-License-Identifier: Apache-2.0
 *
 * "explain" as a document, for programs.
 */

#ifndef CTL_EXPLAIN_REPORT_H
#define CTL_EXPLAIN_REPORT_H 1

#include <stddef.h>

struct facts;
struct finding;
struct json;

/* Returns the document of what was gathered and found; the caller frees it. */
struct json *explain_report(const struct facts *, const struct finding *,
                            size_t n);

#endif /* ctl/explain-report.h */
