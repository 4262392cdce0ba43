/* SPDX-License-Identifier: Apache-2.0
 *
 * Run by the build: exits with 1 if the table of routes is not as it must be.
 */

#include <config.h>
#include <stdio.h>
#include <stdlib.h>
#include "api/routes.h"

int
main(void)
{
    char *fault = routes_find_fault();

    if (fault) {
        fprintf(stderr, "src/api/routes.c: %s\n", fault);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
