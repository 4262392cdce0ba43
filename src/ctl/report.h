/* SPDX-License-Identifier: Apache-2.0
 *
 * Reports for programs: what a command says as one JSON document, by
 * --format=json.  docs/schemas has a schema of each.
 */

#ifndef CTL_REPORT_H
#define CTL_REPORT_H 1

#include <stdbool.h>

struct context;
struct json;
struct uuid;

/* True if the command's output is for programs. */
bool report_is_json(const struct context *);

/* Takes "--format FORMAT" and "--format=FORMAT" from behind a command that has
 * reports.  Ends the program if FORMAT is neither "json" nor "text". */
void report_take_format(struct context *, int *argc, char *argv[]);

/* Put a member into an object. */
void report_put_uuid(struct json *object, const char *name,
                     const struct uuid *);
void report_put_integer(struct json *object, const char *name, long long int);
void report_put_bool(struct json *object, const char *name, bool);

/* Puts a string, or null. */
void report_put_text(struct json *object, const char *name, const char *text);

/* Prints a document, which is freed. */
void report_print(struct json *);

#endif /* ctl/report.h */
