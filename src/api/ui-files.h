/* SPDX-License-Identifier: Apache-2.0
 *
 * The files of ui/, as the build has put them into the program (meson/ui).
 */

#ifndef API_UI_FILES_H
#define API_UI_FILES_H 1

#include <stddef.h>
#include "api/etag.h"

struct ui_file {
    const char *name;           /* Without a folder. */
    const char *type;           /* For Content-Type. */
    struct etag tag;
    const char *text;
};

extern const struct ui_file ui_files[];
extern const size_t n_ui_files;

#endif /* api/ui-files.h */
