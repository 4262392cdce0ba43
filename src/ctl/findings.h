/* SPDX-License-Identifier: Apache-2.0
 *
 * Findings about a load balancer, in plain words: conclusions from facts.
 * Pure.
 */

#ifndef CTL_FINDINGS_H
#define CTL_FINDINGS_H 1

#include <stddef.h>

struct facts;

enum finding_severity {
    FINDING_PROBLEM,            /* Clients are not served as wanted, or soon
                                 * will not be. */
    FINDING_NOTE,               /* Worth knowing; may be as it should be. */
};

struct finding {
    const char *code;           /* A word, the same in all versions. */
    enum finding_severity severity;
    char *text;
};

/* Problems first.  The caller frees them with findings_free(). */
struct finding *findings_find(const struct facts *, size_t *n);
void findings_free(struct finding *, size_t n);

#endif /* ctl/findings.h */
