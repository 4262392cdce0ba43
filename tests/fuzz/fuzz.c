/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of targets; see fuzz.h.
 */

#include <config.h>
#include "fuzz.h"
#include <stdlib.h>
#include <string.h>
#include "openvswitch/vlog.h"
#include "util.h"

const struct fuzz_target fuzz_targets[] = {
#define FUZZ_TARGET(NAME, WHAT) { #NAME, WHAT, fuzz_##NAME },
    FUZZ_TARGETS
#undef FUZZ_TARGET
};
const size_t n_fuzz_targets = ARRAY_SIZE(fuzz_targets);

const struct fuzz_target *
fuzz_target_find(const char *name)
{
    for (size_t i = 0; i < n_fuzz_targets; i++) {
        if (!strcmp(fuzz_targets[i].name, name)) {
            return &fuzz_targets[i];
        }
    }
    return NULL;
}

void
fuzz_target_run(const struct fuzz_target *target, const void *data,
                size_t size)
{
    char *copy = xmalloc(size + 1);

    if (size) {
        memcpy(copy, data, size);
    }
    copy[size] = '\0';
    target->run(copy, size);
    free(copy);
}

void
fuzz_init(const char *program)
{
    /* Fixtures of unit tests then abort, which shows where. */
    setenv("CMOCKA_TEST_ABORT", "1", true);
    ovs_set_program_name(program, OVN_OCTAVIA_VERSION);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
}
