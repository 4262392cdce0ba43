/* SPDX-License-Identifier: Apache-2.0
 *
 * One target, which FUZZ_TARGET in the environment names, for libFuzzer, which
 * brings main() and its options; see tests/fuzz/run.
 */

#include <config.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct fuzz_target *target;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *name = getenv("FUZZ_TARGET");

    (void) argc;
    fuzz_init((*argv)[0]);
    target = name ? fuzz_target_find(name) : NULL;
    if (!target) {
        fputs("FUZZ_TARGET must be one of:\n", stderr);
        for (size_t i = 0; i < n_fuzz_targets; i++) {
            fprintf(stderr, "%s\t%s\n", fuzz_targets[i].name,
                    fuzz_targets[i].what);
        }
        exit(2);
    }
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_target_run(target, data, size);
    return 0;
}
